"""The owner sees the owner's jobs, and other callers do not."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from pydantic import ValidationError

from functions.batches.state_machine import advance_batch
from functions.contract import ids, paths
from functions.notifications import deliveries
from functions.notifications.webhook_secrets import webhook_secrets_of
from functions.triggers.notify import on_result
from functions.triggers.uploads import on_upload
from tests.integration.functions.deployment import (
    WEBHOOK_SECRET,
    Deployment,
    base64_of,
    picture,
    settings_for,
)
from tests.integration.functions.receiver import Receiver

KEYS = {hashlib.sha256(f"{owner}-key".encode()).hexdigest(): owner for owner in ("ada", "bob")}


@pytest.fixture
def shared(deployment: Deployment) -> Deployment:
    """A deployment of two owners."""
    return deployment.replace(api_keys=KEYS)


def made_by_ada(shared: Deployment) -> str:
    body = {"task": "generate", "prompt": "a boat", "size": "512", "labels": {"team": "sea"}}
    job_id = shared.post(body, X_API_Key="ada-key").json["id"]
    shared.claim(job_id)
    shared.succeed(job_id)
    return job_id


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("GET", "/images/0"),
        ("GET", "/manifest"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/replay"),
    ],
)
def test_another_owner_s_job_is_not_there(shared: Deployment, method: str, path: str) -> None:
    job_id = made_by_ada(shared)
    answer = shared.client.open(f"/v1/jobs/{job_id}{path}", method=method, headers={"X-API-Key": "bob-key"})
    missing = shared.client.open(
        f"/v1/jobs/job_{'a' * 26}{path}", method=method, headers={"X-API-Key": "bob-key"}
    )
    assert answer.status_code == 404
    assert answer.json == missing.json


def test_a_listing_shows_one_s_own(shared: Deployment) -> None:
    job_id = made_by_ada(shared)
    own = shared.client.get("/v1/jobs", headers={"Authorization": "Bearer ada-key"}).json["jobs"]
    other = shared.client.get("/v1/jobs", headers={"Authorization": "Bearer bob-key"}).json["jobs"]
    assert ([job["id"] for job in own], other) == ([job_id], [])


def test_another_owner_s_result_cannot_be_edited(shared: Deployment) -> None:
    job_id = made_by_ada(shared)
    image = {"uri": f"gs://{shared.settings.results_bucket}/{paths.result_picture(job_id, 0, 'png')}"}
    body = {"task": "edit", "prompt": "snow", "images": [image]}
    assert shared.post(body, X_API_Key="bob-key").json["code"] == "foreign_bucket"
    assert shared.post(body, X_API_Key="ada-key").status_code == 202


def test_another_owner_s_upload_cannot_be_used(shared: Deployment) -> None:
    upload = ids.new_upload_id()
    name = paths.uploaded_picture("ada", upload)
    shared.upload(name, picture(512, 512))
    by_id = {"task": "edit", "prompt": "snow", "images": [{"upload": upload}]}
    by_name = {**by_id, "images": [{"uri": f"gs://{shared.settings.uploads_bucket}/{name}"}]}
    assert shared.post(by_id, X_API_Key="bob-key").json["code"] == "image_unreadable"
    assert shared.post(by_name, X_API_Key="bob-key").json["code"] == "foreign_bucket"
    assert shared.post(by_id, X_API_Key="ada-key").status_code == 202


def test_one_owner_s_key_is_no_other_s_job(shared: Deployment) -> None:
    body = {"task": "generate", "prompt": "a boat"}
    jobs = {
        shared.post(body, X_API_Key=f"{owner}-key", Idempotency_Key="order-1").json["id"]
        for owner in ("ada", "bob")
    }
    assert len(jobs) == 2


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "unauthenticated"),
        ({"X_API_Key": "wrong"}, "invalid_api_key"),
        ({"Authorization": "Basic YTpi"}, "invalid_api_key"),
    ],
)
def test_without_a_key_there_is_nothing(shared: Deployment, headers: dict[str, str], code: str) -> None:
    answer = shared.post({"task": "generate", "prompt": "a boat"}, **headers)
    assert (answer.status_code, answer.json["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert shared.objects() == set()


# What lies in the uploads bucket, beside what was uploaded through the API. -----------------------------

BOAT = {"task": "edit", "prompt": "snow"}


def named(shared: Deployment, name: str) -> dict[str, str]:
    return {"uri": f"gs://{shared.settings.uploads_bucket}/{name}"}


def code(shared: Deployment, caller: str, body: Any, path: str = "/v1/jobs") -> str | int:
    """The code of the refusal, or the status of a request that was taken."""
    answer = shared.post(body, path, X_API_Key=f"{caller}-key")
    return answer.json.get("code", answer.status_code)


def every_way_to_name(shared: Deployment, name: str) -> list[Any]:
    """Requests that name the object wherever a request may name a picture."""
    own = {"data": base64_of(picture(512, 512))}
    it = named(shared, name)
    return [
        {**BOAT, "images": [it]},
        {**BOAT, "images": [own, it]},
        {**BOAT, "images": [own], "mask": it},
        {"task": "generate", "prompt": "a boat", "images": [it]},
        {"task": "upscale", "size": "1K", "images": [it]},
        {"task": "suggest", "images": [it]},
        {"task": "verify", "images": [it]},
        {**BOAT, "images": [it], "dry_run": True},
    ]


@pytest.mark.parametrize("uploads_owner", [None, "ada"])
def test_an_upload_is_its_owner_s_and_no_other_may_name_it(
    shared: Deployment, uploads_owner: str | None
) -> None:
    shared = shared.replace(uploads_owner=uploads_owner)
    shared.upload("shop/boat.png", picture(512, 512))
    for body in every_way_to_name(shared, "shop/boat.png"):
        assert code(shared, "bob", body) == "foreign_bucket"
        assert code(shared, "ada", body) in ((200, 202) if uploads_owner == "ada" else ("foreign_bucket",))
    absent = shared.post({**BOAT, "images": [named(shared, "shop/none.png")]}, X_API_Key="bob-key")
    there = shared.post({**BOAT, "images": [named(shared, "shop/boat.png")]}, X_API_Key="bob-key")
    assert absent.text.replace("none", "boat") == there.text, "whether it is there is not told"


def test_a_folder_may_be_an_owner_s_or_everybody_s(shared: Deployment) -> None:
    owners = {"ada/": "ada", "ada/open/": "*", "bob/": "bob", "bob/ada/": "ada"}
    shared = shared.replace(uploads_owners=owners)
    may = {
        "ada/boat.png": {"ada"},
        "ada/open/boat.png": {"ada", "bob"},
        "bob/boat.png": {"bob"},
        "bob/ada/boat.png": {"ada"},
        "adam/boat.png": set(),
        "boat.png": set(),
    }
    for name, allowed in may.items():
        shared.upload(name, picture(512, 512))
        body = {**BOAT, "images": [named(shared, name)]}
        assert {caller for caller in ("ada", "bob") if code(shared, caller, body) == 202} == allowed, name


def test_without_a_setting_one_folder_is_everybody_s(shared: Deployment) -> None:
    shared.upload("everybody/boat.png", picture(512, 512))
    assert code(shared, "bob", {**BOAT, "images": [named(shared, "everybody/boat.png")]}) == 202


def test_a_job_that_an_upload_starts_is_the_folder_s_owner_s(shared: Deployment) -> None:
    shared = shared.replace(uploads_owners={"ada/": "ada", "bob/": "bob"})
    on_upload(shared.services, shared.upload("ada/boat.png", picture(512, 512), {"plantain-prompt": "snow"}))
    on_upload(shared.services, shared.upload("ada/boats.jsonl", b'{"task": "generate", "prompt": "a boat"}'))
    for caller, count in (("ada", 1), ("bob", 0)):
        for path in ("jobs", "batches"):
            found = shared.client.get(f"/v1/{path}", headers={"X-API-Key": f"{caller}-key"}).json[path]
            assert len(found) == count


def test_an_upload_or_recipe_may_name_only_what_its_owner_may(shared: Deployment) -> None:
    """An owner who may write to the own folder cannot read another's pictures by its metadata or recipe."""
    shared = shared.replace(uploads_owners={"ada/": "ada", "bob/": "bob"})
    shared.upload("ada/secret.png", picture(512, 512))
    secret = named(shared, "ada/secret.png")
    result = {
        "uri": f"gs://{shared.settings.results_bucket}/{paths.result_picture(made_by_ada(shared), 0, 'png')}"
    }
    for n, image in enumerate((secret, result)):
        recipe = json.dumps({"prompt": "as in the other", "images": [image]})
        shared.upload("recipes/bob.json", recipe.encode())
        on_upload(shared.services, shared.upload(f"bob/{n}.png", picture(512, 512)))
        metadata = {"plantain-prompt": "x", "plantain-images": json.dumps([image])}
        on_upload(shared.services, shared.upload(f"bob/{n}-own.png", picture(512, 512), metadata))
    jobs = shared.client.get("/v1/jobs", headers={"X-API-Key": "bob-key"}).json["jobs"]
    errors = [shared.record(job["id"]).error for job in jobs]
    assert [error and error.code for error in errors] == ["foreign_bucket"] * 4


def test_a_batch_may_name_only_what_its_owner_may(shared: Deployment) -> None:
    shared = shared.replace(uploads_owners={"ada/": "ada", "bob/": "bob"})
    line = {**BOAT, "images": [named(shared, "ada/boat.png")]}
    shared.upload("ada/boat.png", picture(512, 512))
    shared.upload("ada/boats.jsonl", json.dumps(line).encode())
    shared.upload("bob/boats.jsonl", json.dumps(line).encode())
    assert code(shared, "bob", named(shared, "ada/boats.jsonl"), "/v1/batches") == "foreign_bucket"
    for caller, states in (("ada", ["queued"]), ("bob", ["refused"])):
        begun = shared.post(named(shared, f"{caller}/boats.jsonl"), "/v1/batches", X_API_Key=f"{caller}-key")
        advance_batch(shared.services, begun.json["id"])
        path = f"/v1/batches/{begun.json['id']}/items"
        items = shared.client.get(path, headers={"X-API-Key": f"{caller}-key"}).json["items"]
        assert [item["state"] for item in items] == states
    other = shared.client.get(path, headers={"X-API-Key": "ada-key"})
    assert other.status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"uploads_owners": {"ada": "ada"}},
        {"uploads_owners": {"/": "ada"}},
        {"uploads_owners": {"": "*"}},
        {"uploads_owners": {"ada/": ""}},
        {"uploads_owners": {"api/": "*"}},
        {"uploads_owners": {"api/x/": "*"}},
        {"uploads_owners": {"recipes/": "ada"}},
        {"uploads_owner": "*"},
    ],
)
def test_a_setting_that_would_give_away_more_than_it_says_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings_for("owners", **changes)


def test_each_owner_has_a_webhook_secret_and_sees_only_that(shared: Deployment) -> None:
    found = {
        owner: shared.client.get("/v1/webhook-secret", headers={"X-API-Key": f"{owner}-key"}).json
        for owner in ("ada", "bob")
    }
    assert [found[owner]["owner"] for owner in found] == ["ada", "bob"]
    assert not set(found["ada"]["secrets"]) & set(found["bob"]["secrets"])
    assert WEBHOOK_SECRET not in (*found["ada"]["secrets"], *found["bob"]["secrets"])
    assert shared.client.get("/v1/webhook-secret").status_code == 401


def test_a_webhook_is_signed_with_its_owner_s_secret(shared: Deployment, receiver: Receiver) -> None:
    (receiver.secret,) = webhook_secrets_of(shared.settings, "ada")  # the receiver checks each call with it
    body = {"task": "generate", "prompt": "a boat", "size": "512", "webhook": {"url": receiver.url}}
    told: dict[str, str] = {}
    for owner in ("ada", "bob"):
        job_id = shared.post(body, X_API_Key=f"{owner}-key").json["id"]
        shared.claim(job_id)
        shared.succeed(job_id)
        on_result(shared.services, shared.manifest_event(job_id))
        shared.deliver()
        told[owner] = deliveries.read_delivery(shared.services, job_id).record.state
    assert told == {"ada": "delivered", "bob": "pending"}


def test_while_a_secret_is_replaced_both_sign(shared: Deployment, receiver: Receiver) -> None:
    (old,) = webhook_secrets_of(shared.settings, "ada")
    changing = shared.replace(webhook_secrets={"ada": f"{WEBHOOK_SECRET} {old}"})
    body = {"task": "generate", "prompt": "a boat", "size": "512", "webhook": {"url": receiver.url}}
    for secret in (old, WEBHOOK_SECRET):
        receiver.secret = secret
        job_id = changing.post(body, X_API_Key="ada-key").json["id"]
        changing.claim(job_id)
        changing.succeed(job_id)
        on_result(changing.services, changing.manifest_event(job_id))
        changing.deliver()
        assert deliveries.read_delivery(changing.services, job_id).record.state == "delivered"


def test_without_a_secret_there_is_none_to_see(deployment: Deployment) -> None:
    answer = deployment.replace(webhook_secret=None).client.get("/v1/webhook-secret")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
