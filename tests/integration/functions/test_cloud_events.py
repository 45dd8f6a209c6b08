"""What an event says is never a reason to bring it again: at no entry does it raise, whatever it holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cloudevents.http import CloudEvent

from functions.contract import paths
from functions.contract.errors import Transient
from functions.services import Services
from functions.triggers.dead_letter import on_dead_message
from functions.triggers.deliver import on_delivery
from functions.triggers.dispatch import on_job
from functions.triggers.notify import on_result
from functions.triggers.remind import on_reminder
from functions.triggers.uploads import on_upload
from tests.integration.functions.deployment import FINALIZED, PUBLISHED, Deployment, base64_of, event, picture
from tests.integration.functions.log_lines import LogLines

Handle = Callable[[Services, CloudEvent], None]
SNOW = {"plantain-prompt": "make it snow"}
NO_TEXT = "a\ud800.png"

FAULTS: dict[str, dict[str, Any]] = {
    "generation-0": {"generation": "0"},
    "generation-negative": {"generation": "-1"},
    "generation-too-large": {"generation": str(2**63)},
    "generation-huge": {"generation": "9" * 5_000},
    "generation-fraction": {"generation": 1.5},
    "generation-true": {"generation": True},
    "generation-text": {"generation": "seven"},
    "generation-spelled": {"generation": "1_0"},
    "generation-arabic": {"generation": "\u0661"},
    "generation-none": {"generation": None},
    "generation-list": {"generation": [1]},
    "name-empty": {"name": ""},
    "name-none": {"name": None},
    "name-number": {"name": 7},
    "name-list": {"name": ["a.png"]},
    "name-no-text": {"name": NO_TEXT},
    "name-too-long": {"name": "a" * 1_025},
    "name-too-long-in-bytes": {"name": "\u00fc" * 513},
    "name-new-line": {"name": "a\nb.png"},
    "name-return": {"name": "a\rb.png"},
    "bucket-none": {"bucket": None},
    "bucket-number": {"bucket": 7},
    "bucket-no-text": {"bucket": NO_TEXT},
    "bucket-slash": {"bucket": "a/b"},
    "metadata-number": {"metadata": 7},
    "metadata-list": {"metadata": ["plantain-prompt"]},
    "metadata-of-numbers": {"metadata": {"plantain-prompt": 7, "plantain-seed": {"a": []}}},
    "metadata-no-text": {"metadata": {"plantain-prompt": "a \ud800", "plantain-\udfff": "\ud800"}},
    "metadata-none": {"metadata": {"plantain-prompt": None}},
    "metadata-deep": {"metadata": {"plantain-region": "[" * 50_000}},
    "metadata-long": {"metadata": {"plantain-prompt": "a" * 100_000}},
}
NO_MESSAGES: dict[str, Any] = {
    "nothing": None,
    "text": "text",
    "list": [],
    "empty": {},
    "no-message": {"message": None},
    "message-list": {"message": []},
    "data-number": {"message": {"data": 7}},
    "data-no-base64": {"message": {"data": "a b"}},
    "data-not-padded": {"message": {"data": "YQ"}},
    "data-not-ascii": {"message": {"data": "\u00fc"}},
    "data-no-text": {"message": {"data": "\ud800"}},
    "data-bytes": {"message": {"data": base64_of(b"\xff\x00")}},
    "data-deep": {"message": {"data": base64_of(b"[" * 50_000)}},
    "attributes-list": {"message": {"data": base64_of(b"{}"), "attributes": [1]}},
    "attributes-of-numbers": {"message": {"data": base64_of(b"{}"), "attributes": {"a": 1, "b": {"c": []}}}},
    "attributes-no-text": {"message": {"data": base64_of(b"{}"), "attributes": {"a": "\ud800"}}},
    "due-before-time": {
        "message": {
            "data": base64_of(b'{"subject": "job_' + b"a" * 26 + b'", "due": "0001-01-01T00:00:00+10:00"}')
        }
    },
    "job-no-id": {"message": {"data": base64_of(b'{"job_id": "job_\\ud800"}')}},
    "trace-bad": {
        "message": {"data": base64_of(b'{"job_id": "job_' + b"a" * 26 + b'", "traceparent": "x"}')}
    },
}
ENTRIES: list[Handle] = [on_upload, on_result, on_dead_message, on_job, on_delivery, on_reminder]
ids = [handle.__name__ for handle in ENTRIES]


def told(form: str, body: dict[str, Any], kind: str = "OBJECT_FINALIZE") -> CloudEvent:
    """An object's event in either of the two forms in which it may come."""
    if form == "eventarc":
        return event(FINALIZED, body)
    message = {"data": base64_of(json.dumps(body).encode()), "attributes": {"eventType": kind}}
    return event(PUBLISHED, {"message": message})


@pytest.mark.parametrize("handle", [on_upload, on_result], ids=["uploads", "notify"])
@pytest.mark.parametrize("form", ["eventarc", "notification"])
@pytest.mark.parametrize("fault", FAULTS)
def test_no_object_s_event_raises_for_what_it_says(
    deployment: Deployment, handle: Handle, form: str, fault: str
) -> None:
    settings = deployment.settings
    bucket = settings.uploads_bucket if handle is on_upload else settings.results_bucket
    body = {"bucket": bucket, "name": "a.png", "generation": "1", "metadata": SNOW, **FAULTS[fault]}
    handle(deployment.services, told(form, body))
    handle(deployment.services, told(form, body))
    jobs = deployment.client.get("/v1/jobs").json["jobs"]
    assert [job["state"] for job in jobs] in ([], ["failed"])
    assert all(deployment.client.get(job["url"]).status_code == 200 for job in jobs)


@pytest.mark.parametrize("missing", ["bucket", "name", "generation", "metadata"])
@pytest.mark.parametrize("handle", [on_upload, on_result], ids=["uploads", "notify"])
def test_no_event_raises_for_what_it_lacks(deployment: Deployment, handle: Handle, missing: str) -> None:
    body = {"bucket": deployment.settings.uploads_bucket, "name": "a.png", "generation": "1", "metadata": {}}
    del body[missing]
    handle(deployment.services, event(FINALIZED, body))
    assert deployment.objects() == set()


@pytest.mark.parametrize("handle", ENTRIES, ids=ids)
@pytest.mark.parametrize("type", [PUBLISHED, FINALIZED, "text"])
def test_no_entry_raises_for_a_message_that_is_none(
    deployment: Deployment, subtests: pytest.Subtests, handle: Handle, type: str
) -> None:
    for name, body in NO_MESSAGES.items():
        with subtests.test(name):
            before = deployment.objects()
            handle(deployment.services, event(type, body))
            kept = deployment.objects()
            handle(deployment.services, event(type, body))
            assert deployment.objects() == kept, "it was set aside once"
            assert len(kept - before) <= 1


@pytest.mark.parametrize("form", ["eventarc", "notification"])
@pytest.mark.parametrize("kind", ["deleted", "archived", "metadataUpdated"])
def test_an_object_s_other_events_are_not_taken_for_its_being_written(
    deployment: Deployment, form: str, kind: str
) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id)
    uploaded: Any = deployment.upload("boat.png", picture(512, 512), SNOW).get_data()
    ended: Any = deployment.manifest_event(job_id).get_data()
    before = deployment.objects()
    for handle, body in ((on_upload, uploaded), (on_result, ended)):
        other = event(f"google.cloud.storage.object.v1.{kind}", body)
        handle(
            deployment.services, other if form == "eventarc" else told(form, body, f"OBJECT_{kind.upper()}")
        )
    assert deployment.objects() == before
    assert deployment.published(deployment.settings.events_topic) == []


def test_what_an_event_says_is_logged_without_its_names(deployment: Deployment, log_lines: LogLines) -> None:
    body = {"bucket": deployment.settings.uploads_bucket, "name": "secret.png", "generation": "0"}
    on_upload(deployment.services, event(FINALIZED, body))
    (line,) = log_lines.of("uploads.ignored")
    assert "generation" in line["reason"]
    assert "secret" not in log_lines.text()


def test_only_our_own_troubles_bring_an_event_again(deployment: Deployment) -> None:
    class Away:
        def __getattr__(self, name: str) -> None:
            raise Transient("Cloud Storage cannot be reached.")

    what = deployment.upload("boat.png", picture(512, 512), SNOW)
    away = deployment.replace(jobs=Away(), uploads=Away(), results=Away()).services
    with pytest.raises(Transient):
        on_upload(away, what)
    name = paths.manifest("job_" + "a" * 26)
    with pytest.raises(Transient):
        on_result(
            away, told("eventarc", {"bucket": away.settings.results_bucket, "name": name, "generation": 1})
        )
