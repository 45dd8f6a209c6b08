"""Two owners and a revoked key: nothing of the one is seen, named, changed or ended by the others.

Each attempt names what is Ada's. What Bob is told must be what he is told of a name that there is not: not
even its existence may show.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.contract.api_keys.digests import digest_key
from functions.contract.api_keys.key_list import KeyEntry, KeyList
from functions.contract.api_keys.key_text import make_key
from functions.contract.document import now
from functions.contract.owner_limits import OwnerLimits
from tests.integration.functions.api.painter import painting
from tests.integration.functions.api.two_owners import (
    FOREIGN,
    GOOGLE,
    LISTING,
    NAMING,
    PICTURE,
    PROMPT,
    TAIL,
    WORD,
    Attempt,
    World,
    google,
    populate,
)
from tests.integration.functions.deployment import Answer, Deployment, base64_of
from tests.integration.functions.servers import Servers


@pytest.fixture(scope="module")
def world(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    path: Path = tmp_path_factory.mktemp("keys") / "keys.json"
    listed, keys = KeyList(), {}
    for who, owner in (("ada", "ada"), ("bob", "bob"), ("revoked", "ada")):
        key = make_key()
        keys[who] = key.text
        entry = KeyEntry(sha256=digest_key(key.text), owner=owner, created=now())
        listed = listed.with_entry(key.id, entry)
        if who == "revoked":
            listed = listed.with_entry(key.id, entry.model_copy(update={"revoked": now()}))
    path.write_bytes(listed.encode())
    with pytest.MonkeyPatch.context() as environment:
        for name, value in servers.environment.items():
            environment.setenv(name, value)
        deployment = Deployment.create(
            servers, api_keys_file=str(path), uploads_owners={"ada/": "ada", "bob/": "bob"}
        )
        world = World(deployment, keys)
        populate(world)
        yield world


def try_it(world: World, who: str, attempt: Attempt, *, absent: bool = False) -> Answer:
    method, path, body = attempt
    own = {"own": "yes"} if path.startswith("own/") else {}
    path = world.filled(path.removeprefix("own"), absent=absent)
    sent = None if body is None else json.loads(world.filled(json.dumps(body), absent=absent))
    return world.call(who, method, path, sent, **own)


def named(attempt: Attempt) -> str:
    method, path, body = attempt
    return f"{method} {path}" + (f" {json.dumps(body)[:60]}" if body else "")


def shows_ada(world: World, answer: Answer, sent: Attempt) -> list[str]:
    """What of Ada's the answer tells, beside what the attempt itself names."""
    told = answer.text + str(answer.headers)
    given = world.filled(json.dumps(sent))
    tails = {tail for name in world.names.values() for tail in TAIL.findall(name)}
    secrets = {WORD, base64_of(PICTURE)[:60], world.keys["ada"], *tails}
    return [secret for secret in secrets if secret in told and secret not in given]


NOT_THERE = {
    ("GET", f"/v1/jobs/{path}")
    for path in (
        *("<job>/verification", "<job>/deliveries", "<open>/verification", "<open>/deliveries"),
        *("<open>/events", "<open>/images/0", "<open>/images/0/preview", "<open>/manifest"),
    )
} | {("GET", "own/v1/batches/<batch>/manifest")}
"""What she has none of, or what goes on until the job has ended."""


def is_hers_to_try(attempt: Attempt) -> bool:
    """Whether Ada may try it before the others do: it ends nothing, answers at once, and is there."""
    method, path, body = attempt
    if method == "GET":
        return (method, path) not in NOT_THERE
    return body is not None and "<file>" not in json.dumps(body) and "<google_file>" not in json.dumps(body)


@pytest.mark.parametrize("attempt", list(filter(is_hers_to_try, NAMING)), ids=named)
def test_she_herself_may_do_it(world: World, attempt: Attempt) -> None:
    """Else the refusals below would say nothing."""
    world.deployment.published(world.deployment.settings.jobs_topic)
    with painting(world.deployment):
        assert try_it(world, "ada", attempt).status_code < 300


@pytest.mark.parametrize("attempt", NAMING, ids=named)
def test_another_owner_is_told_what_is_told_of_nothing(world: World, attempt: Attempt) -> None:
    there, absent = try_it(world, "bob", attempt), try_it(world, "bob", attempt, absent=True)
    assert 400 <= there.status_code < 500
    assert there.status_code == absent.status_code
    assert TAIL.sub("*", there.text) == TAIL.sub("*", absent.text)
    assert shows_ada(world, there, attempt) == []


@pytest.mark.parametrize("attempt", FOREIGN, ids=named)
def test_another_owner_s_folder_is_closed(world: World, attempt: Attempt) -> None:
    method, path, body = attempt
    missing = (method, path, json.loads(world.filled(json.dumps(body)).replace(f"{WORD}.", "missing.")))
    there, absent = try_it(world, "bob", attempt), try_it(world, "bob", missing)
    assert there.status_code == absent.status_code == 400
    assert there.text.replace(f"{WORD}.", "missing.") == absent.text


@pytest.mark.parametrize("attempt", LISTING, ids=named)
def test_another_owner_s_lists_show_nothing_of_hers(world: World, attempt: Attempt) -> None:
    answer = try_it(world, "bob", attempt)
    assert answer.status_code == 200, answer.text
    assert shows_ada(world, answer, attempt) == []


@pytest.mark.parametrize("attempt", [*NAMING, *FOREIGN, *LISTING], ids=named)
def test_a_revoked_key_of_hers_opens_nothing(world: World, attempt: Attempt) -> None:
    answer = try_it(world, "revoked", attempt)
    is_google = attempt[1].startswith("/v1beta")
    assert answer.status_code == (400 if is_google else 401)
    assert "revoked" in answer.text
    assert shows_ada(world, answer, attempt) == []


def test_these_are_enough_attempts() -> None:
    assert 2 * len(NAMING) + 2 * len(FOREIGN) + 2 * len(LISTING) >= 80


SYNCHRONOUS: list[Attempt] = [
    ("POST", "/v1/images/generations", {"prompt": PROMPT, "size": "512x512", "seed": 7}),
    (
        "POST",
        "/v1/chat/completions",
        {"model": "mock", "messages": [{"role": "user", "content": PROMPT}], "modalities": ["image"]},
    ),
    ("POST", f"{GOOGLE}:generateContent", {**google(), "generationConfig": {"seed": 7}}),
    ("POST", "/sdapi/v1/txt2img", {"prompt": PROMPT, "width": 512, "height": 512, "seed": 7}),
]


@pytest.mark.parametrize("attempt", SYNCHRONOUS, ids=named)
def test_a_repeat_of_her_request_is_no_way_to_her_picture(world: World, attempt: Attempt) -> None:
    """Equal bodies, the word that it is a repeat, and her Idempotency-Key."""
    method, path, body = attempt
    world.deployment.published(world.deployment.settings.jobs_topic)  # those that are not to be drawn
    repeat = {"x-stainless-retry-count": "1", "Idempotency-Key": digest_key(path)}
    with painting(world.deployment) as painter:
        for who in ("ada", "bob"):
            for headers in ({}, repeat):
                assert world.call(who, method, path, body, **headers).status_code == 200
    owners = [record.owner for record in painter.drawn]
    assert set(owners) == {"ada", "bob"}
    assert owners.count("ada") == owners.count("bob")


def test_limits_of_hers_do_not_tell_of_her_jobs(world: World) -> None:
    few = World(world.deployment.replace(limits={"*": OwnerLimits(jobs_at_once=1)}), world.keys, world.names)
    job = {"task": "generate", "prompt": "a boat", "size": "512"}
    assert few.call("bob", "POST", "/v1/jobs", job).status_code == 202


def test_nothing_of_hers_was_changed(world: World) -> None:
    """Runs last: after all that was tried, everything of Ada's is as she left it."""
    for word in ("job", "open"):
        shown = world.made("GET", f"/v1/jobs/{world.names[word]}")
        assert shown["state"] == ("succeeded" if word == "job" else "running")
    assert world.call("ada", "GET", f"/v1/jobs/{world.names['job']}/images/0").status_code == 200
    assert world.made("GET", f"/v1/batches/{world.names['batch']}", own="yes")["state"] == "running"
    assert WORD in world.call("ada", "GET", f"/v1/files/{world.names['file']}/content").text
    assert world.made("GET", f"/v1beta/{world.names['google_file']}")
    assert world.made("GET", f"/v1beta/{world.names['google_batch']}")
    assert world.made("GET", f"/v1beta1/{world.names['prediction_job']}")["state"] == "JOB_STATE_PENDING"
    assert world.made("GET", f"/v1beta/interactions/{world.names['interaction']}")["status"] == "completed"
    assert world.made("GET", f"/v1/responses/{world.names['response']}")["status"] == "completed"
