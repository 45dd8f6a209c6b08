"""Idempotency-Key: one key, one body, one job, however often and however many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.contract import ids
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

BODY = {"task": "generate", "prompt": "a red boat"}


def test_the_same_key_and_body_are_the_same_job(deployment: Deployment) -> None:
    first = deployment.post(BODY, Idempotency_Key="order-1")
    again = deployment.post(BODY, Idempotency_Key="order-1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json == first.json
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(deployment.published(deployment.settings.jobs_topic)) == 1


def test_the_job_is_the_same_after_it_ended(deployment: Deployment) -> None:
    job_id = deployment.post(BODY, Idempotency_Key="order-1").json["id"]
    deployment.claim(job_id)
    deployment.succeed(job_id)
    again = deployment.post(BODY, Idempotency_Key="order-1")
    assert (again.status_code, again.json["id"], again.json["state"]) == (200, job_id, "succeeded")


def test_another_body_is_a_conflict(deployment: Deployment) -> None:
    deployment.post(BODY, Idempotency_Key="order-1")
    answer = deployment.post({**BODY, "prompt": "a blue boat"}, Idempotency_Key="order-1")
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")


def test_other_pictures_are_another_body(deployment: Deployment) -> None:
    def ask(data: bytes) -> int:
        images = [{"data": base64_of(data)}]
        body = {"task": "edit", "prompt": "snow", "images": images}
        return deployment.post(body, Idempotency_Key="order-1").status_code

    assert ask(picture(512, 512)) == 202
    assert ask(picture(512, 512)) == 202
    assert ask(picture(512, 520)) == 409


def test_fields_in_another_order_are_the_same_body(deployment: Deployment) -> None:
    first = deployment.post(BODY, Idempotency_Key="order-1")
    again = deployment.post(dict(reversed(BODY.items())), Idempotency_Key="order-1")
    assert again.json["id"] == first.json["id"]


def test_a_key_of_one_owner_is_not_another_s(deployment: Deployment) -> None:
    assert ids.job_id_for_key("ada", "order-1") != ids.job_id_for_key("bob", "order-1")


@pytest.mark.parametrize("body", [BODY, {"task": "edit", "prompt": "snow", "images": "inline"}])
def test_of_many_at_once_one_makes_the_job(deployment: Deployment, body: dict[str, object]) -> None:
    if "images" in body:
        body = {**body, "images": [{"data": base64_of(picture(512, 512))}]}

    def ask(_: int) -> Answer:
        return deployment.post(body, Idempotency_Key="order-1")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len({answer.json["seed"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert len(deployment.published(deployment.settings.jobs_topic)) == 1


def test_of_many_bodies_at_once_one_wins_and_the_others_conflict(deployment: Deployment) -> None:
    def ask(n: int) -> int:
        return deployment.post({**BODY, "prompt": f"{n} boats"}, Idempotency_Key="order-1").status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(ask, range(8)))
    assert statuses == [202] + [409] * 7


@pytest.mark.parametrize("key", ["", "x" * 256, "käse", "tab\tbed"])
def test_a_key_is_printable_ascii(deployment: Deployment, key: str) -> None:
    answer = deployment.post(BODY, Idempotency_Key=key)
    assert (answer.status_code, answer.json["field"]) == (400, "Idempotency-Key")
