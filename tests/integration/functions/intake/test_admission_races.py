"""Requests with one Idempotency-Key that overtake each other: one wins, and of the others nothing stays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from functions.contract import ids, object_names, paths
from functions.contract.request import JobRequest
from functions.contract.states import State
from functions.contract.storage.bucket import Bucket
from functions.intake.admission import admit_job
from functions.triggers.sweep import sweep_once
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture
from tests.killed import Killed
from tests.meanwhile import meanwhile

FIRST, SECOND, THIRD = (picture(512, 512 + 16 * n) for n in range(3))
KEY = "order-1"
Overtake = Callable[[Callable[[], object]], Callable[[], bool]]


def ask(deployment: Deployment, *pictures: bytes) -> Answer:
    images = [{"data": base64_of(data)} for data in pictures]
    return deployment.post({"task": "edit", "prompt": "snow", "images": images}, Idempotency_Key=KEY)


def job_id() -> str:
    return ids.job_id_for_key("local", KEY)


def inputs(deployment: Deployment) -> set[str]:
    prefix = paths.inputs_prefix(job_id())
    return {found.name for found in deployment.services.jobs.list(prefix)}


def end(deployment: Deployment) -> None:
    deployment.claim(job_id())
    manifest = deployment.succeed(job_id())
    deployment.services.store.markers.mark(job_id(), told="yes")
    assert manifest.state is State.SUCCEEDED


def delete(deployment: Deployment) -> None:
    end(deployment)
    assert deployment.client.open(f"/v1/jobs/{job_id()}", method="DELETE").status_code == 200


def first_is(name: str) -> Callable[..., bool]:
    """A condition for ``meanwhile``: the call's first argument is ``name``."""

    def holds(first: str, *_: object) -> bool:
        return first == name

    return holds


@pytest.fixture
def overtaken(monkeypatch: pytest.MonkeyPatch) -> Overtake:
    """What others do once a request has passed the look-up, just before it writes its first picture."""

    def before_the_first_picture(then: Callable[[], object]) -> Callable[[], bool]:
        def is_picture(name: str, *_: object) -> bool:
            return name.startswith(paths.inputs_prefix(job_id()))

        return meanwhile(monkeypatch, Bucket, "put", is_picture, then)

    return before_the_first_picture


@pytest.mark.parametrize("pictures", [(FIRST,), (SECOND,), (FIRST, SECOND), (SECOND, THIRD)])
def test_a_picture_written_after_the_job_was_deleted_goes_again(
    deployment: Deployment, overtaken: Overtake, pictures: tuple[bytes, ...]
) -> None:
    def win_and_delete() -> None:
        assert ask(deployment, FIRST).status_code == 202
        delete(deployment)

    was_overtaken = overtaken(win_and_delete)
    assert (ask(deployment, *pictures).status_code, was_overtaken()) == (410, True)
    assert inputs(deployment) == set()
    assert sweep_once(deployment.services).summary()["more"] is False
    assert not deployment.is_open(job_id())


@pytest.mark.parametrize("ended", [False, True])
def test_a_loser_with_more_pictures_leaves_none(
    deployment: Deployment, overtaken: Overtake, ended: bool
) -> None:
    def win() -> None:
        assert ask(deployment, FIRST).status_code == 202
        if ended:
            end(deployment)

    overtaken(win)
    answer = ask(deployment, FIRST, SECOND, THIRD)
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")
    (image,) = deployment.record(job_id()).request.images
    assert {f"gs://{deployment.settings.jobs_bucket}/{name}" for name in inputs(deployment)} == {image.uri}
    assert deployment.services.jobs.get(next(iter(inputs(deployment)))).data == FIRST


def test_a_loser_with_the_same_pictures_takes_none_away(deployment: Deployment, overtaken: Overtake) -> None:
    overtaken(lambda: ask(deployment, FIRST, SECOND))
    answer = ask(deployment, FIRST, SECOND)
    assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (202, "true")
    for image in deployment.record(job_id()).request.images:
        name = object_names.parse_uri(image.uri or "").name
        assert deployment.services.jobs.get(name, image.generation).data in (FIRST, SECOND)


def test_a_blocked_picture_that_is_written_late_does_not_come_back(
    deployment: Deployment, overtaken: Overtake
) -> None:
    """The very same request again, late: its record names the picture at the generation that was removed."""

    def win_and_be_blocked() -> None:
        ask(deployment, FIRST)
        services = deployment.services
        services.committer.end(deployment.record(job_id()), State.BLOCKED, None)
        assert inputs(deployment) == set()

    overtaken(win_and_be_blocked)
    ask(deployment, FIRST)
    assert inputs(deployment) == set()


def test_a_slow_loser_leaves_the_winners_marker_as_it_is(deployment: Deployment) -> None:
    """Its job is published once."""
    with pytest.MonkeyPatch.context() as patched:
        its_marker = first_is(paths.open_marker(job_id()))
        meanwhile(patched, Bucket, "put", its_marker, lambda: ask(deployment, FIRST))
        ask(deployment, SECOND)
    marker = deployment.services.jobs.stat(paths.open_marker(job_id()))
    assert marker.metadata["published"] == "yes"
    assert not [key for key in marker.metadata if key.startswith("writer-")]
    sweep_once(deployment.services)
    assert len(deployment.published(deployment.settings.jobs_topic)) == 1


def test_a_loser_makes_no_marker_for_a_job_that_is_over(deployment: Deployment, overtaken: Overtake) -> None:
    def win_end_and_close() -> None:
        ask(deployment, FIRST)
        end(deployment)
        deployment.services.store.markers.close(job_id())

    with pytest.MonkeyPatch.context() as patched:
        meanwhile(
            patched,
            Bucket,
            "put",
            first_is(paths.open_marker(job_id())),
            win_end_and_close,
        )
        ask(deployment, SECOND)
    assert not deployment.is_open(job_id())
    assert sweep_once(deployment.services).summary() == {"more": False}
    assert deployment.published(deployment.settings.events_topic) == []  # it was told of before


@pytest.mark.parametrize("fate", ["open", "ended", "deleted"])
def test_what_a_loser_leaves_that_dies_is_removed_in_the_end(
    deployment: Deployment, overtaken: Overtake, monkeypatch: pytest.MonkeyPatch, fate: str
) -> None:
    """It dies after its picture, before it learns that it has lost."""

    def win() -> None:
        ask(deployment, FIRST)
        if fate == "ended":
            end(deployment)
        if fate == "deleted":
            delete(deployment)

    def die() -> None:
        raise Killed

    def writes_its_record(name: str, *_: object) -> bool:
        return name == paths.job_record(job_id()) and its_own in inputs(deployment)

    its_own = paths.input_picture(job_id(), hashlib.sha256(SECOND).hexdigest())
    overtaken(win)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        meanwhile(
            patched,
            Bucket,
            "put",
            writes_its_record,
            die,
        )
        ask(deployment, SECOND)
    assert sweep_once(deployment.services).summary()["more"] is False
    assert deployment.is_open(job_id())  # its picture is young: it may be alive
    monkeypatch.setattr("functions.triggers.sweep_job._ORPHAN_LEAST", timedelta(0))
    sweep_once(deployment.services)
    named = (
        set()
        if fate == "deleted"
        else {object_names.parse_uri(deployment.record(job_id()).request.images[0].uri or "").name}
    )
    assert inputs(deployment) == named
    assert deployment.is_open(job_id()) is (fate == "open")


def test_no_request_begins_while_what_an_earlier_one_left_is_removed(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be answered with a job whose picture is removed a moment later."""
    monkeypatch.setattr("functions.triggers.sweep_job._ORPHAN_LEAST", timedelta(0))
    writer = deployment.services.store.markers.enter(job_id())
    answers: list[Answer] = []
    with monkeypatch.context() as patched:
        meanwhile(
            patched,
            Bucket,
            "delete_prefix",
            first_is(paths.inputs_prefix(job_id())),
            lambda: answers.append(ask(deployment, FIRST)),
        )
        assert sweep_once(deployment.services).counts["orphans_removed"] == 1
    assert [answer.status_code for answer in answers] == [503]
    assert ask(deployment, FIRST).status_code == 202
    assert writer.created is not None


def test_a_request_that_comes_back_keeps_what_is_about_to_be_removed(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_barring(_: str, facts: dict[str, str]) -> bool:
        return "barred" in facts

    monkeypatch.setattr("functions.triggers.sweep_job._ORPHAN_LEAST", timedelta(0))
    deployment.services.store.markers.enter(job_id())
    with monkeypatch.context() as patched:
        meanwhile(
            patched,
            Bucket,
            "set_metadata",
            is_barring,
            lambda: ask(deployment, FIRST),
        )
        assert sweep_once(deployment.services).counts["moved_on"] == 1
    (image,) = deployment.record(job_id()).request.images
    assert (
        deployment.services.jobs.get(object_names.parse_uri(image.uri or "").name, image.generation).data
        == FIRST
    )


def test_admitting_costs_as_many_operations_as_before(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A marker, the picture, the record, the index entry, and that it was published."""
    calls: list[str] = []
    for call in ("put", "set_metadata", "delete", "get", "stat"):
        original = getattr(Bucket, call)

        def counted(
            self: Bucket,
            *given: object,
            _call: str = call,
            _o: Callable[..., object] = original,
            **named: object,
        ) -> object:
            calls.append(_call)
            return _o(self, *given, **named)

        monkeypatch.setattr(Bucket, call, counted)
    request = JobRequest.model_validate(
        {"task": "edit", "prompt": "snow", "images": [{"data": base64_of(FIRST)}]}
    )
    admit_job(deployment.services, request, "local", idempotency_key=KEY)
    assert sorted(calls) == ["get", "put", "put", "put", "put", "set_metadata"]


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_job_that_ends_before_it_is_indexed_is_listed_unless_it_is_deleted(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, is_deleted: bool
) -> None:
    def is_entry(name: str, *_: object) -> bool:
        return name.startswith(paths.index_prefix("local"))

    came = meanwhile(
        monkeypatch, Bucket, "put", is_entry, lambda: (delete if is_deleted else end)(deployment)
    )
    ask(deployment, FIRST)
    assert came()
    listed = [entry.id for entry in deployment.services.store.list_jobs("local").entries]
    assert listed == ([] if is_deleted else [job_id()])
