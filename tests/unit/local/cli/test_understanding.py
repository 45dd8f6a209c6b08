"""What the command line says of a prompt and of the score of its picture."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from functions.contract.intent_facts import FigureFacts, IntentFacts
from functions.contract.job import JobRecord
from functions.contract.manifest import AttemptFacts, ImageFacts, LetteringFacts, Manifest
from functions.contract.request import JobRequest
from functions.contract.states import State
from local.cli.understanding import understanding_lines
from local.client.api_client import PlantainClient, RequestRefused
from local.client.understanding import understanding_rows

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JOB: dict[str, Any] = {"id": "j" * 32, "ended": "2026-01-01T00:00:00Z"}


class Keeper(PlantainClient):
    """A service that has one manifest, or none."""

    def __init__(self, manifest: Manifest | None) -> None:
        super().__init__("http://127.0.0.1:1")
        self._manifest = manifest

    def manifest(self, job_id: str) -> dict[str, Any]:
        if self._manifest is None:
            raise RequestRefused({"code": "not_found", "detail": job_id})
        return self._manifest.model_dump(mode="json")


def manifest_of(intent: IntentFacts | None, **attempt: Any) -> Manifest:
    request = JobRequest(task="generate", prompt="x")
    record = JobRecord(
        id=JOB["id"],
        owner="me",
        request=request,
        request_sha256="0" * 64,
        model="starter",
        width=64,
        height=64,
        seed=1,
        state=State.RUNNING,
        created=NOW,
        updated=NOW,
        deadline=NOW,
    )
    image = ImageFacts(
        name="0.png",
        width=64,
        height=64,
        bit_depth=8,
        content_type="image/png",
        bytes=1,
        sha256="0" * 64,
        seed=1,
        attempts=(AttemptFacts(seed=1, by="critic", chosen=True, **attempt),),
    )
    return Manifest.of(record, State.SUCCEEDED, NOW, images=(image,), intent=intent)


def printed(manifest: Manifest | None) -> str:
    lines, console = understanding_lines(Keeper(manifest), JOB), Console(width=400, record=True)
    if lines is not None:
        console.print(lines)
    return console.export_text()


def test_the_score_and_what_was_not_understood_are_said_with_what_the_model_knows() -> None:
    intent = IntentFacts(
        by="rules",
        prompt="a small red boat and a unicorn",
        figures=(FigureFacts(subject="boat", colour="red", size="small"),),
        unrecognized=("unicorn",),
        vocabulary="scenes",
    )
    text = printed(
        manifest_of(intent, score=0.25, reasons=("the boat is blue and not red",), unchecked=("unicorn",))
    )
    for said in (
        "small red boat",
        "not understood  unicorn",
        "0.25 of 1 (critic)",
        "the boat is blue and not red",
        "not checked",
        "lighthouse",
        "plantain models show starter",
    ):
        assert said in text, text


def test_what_the_model_does_not_know_is_not_said_to_be_understood() -> None:
    intent = IntentFacts(
        by="rules",
        prompt="a photo of two horses on a calm sea",
        figures=(FigureFacts(subject="horse", count=2),),
        setting="sea",
        style="photo",
        mood="peaceful",
        unrecognized=("photo of two horses", "calm"),
        vocabulary="scenes",
    )
    rows = dict(understanding_rows({"intent": intent.model_dump(mode="json")}))
    assert rows["understood"] == "sea"
    assert rows["not understood"] == "photo of two horses, calm"


def test_the_prompts_of_a_sequence_are_numbered_and_what_the_model_knows_is_said_once() -> None:
    intent = IntentFacts(by="rules", prompt="x", setting="sea", unrecognized=("hat",), vocabulary="scenes")
    image = {"intent": intent.model_dump(mode="json")}
    names = [name for name, _ in understanding_rows({"images": [image, image]})]
    assert names == ["understood 0", "not understood 0", "understood 1", "not understood 1", "it knows"]


def test_where_nothing_could_be_checked_no_number_is_shown() -> None:
    text = printed(manifest_of(IntentFacts(by="rules", prompt="x", unrecognized=("asdf",))))
    assert "nothing could be checked" in text
    assert "of 1" not in text
    assert "models show" not in text  # of a model that is not bound to a list


def test_a_cut_prompt_is_told() -> None:
    assert "at night" in printed(
        manifest_of(IntentFacts(by="rules", prompt="x", prompt_truncated="at night"), score=1.0)
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"method": "typeset", "surface": "sign", "matches": True},
            "typeset on the sign, reads right",
        ),
        ({"method": "model", "read": "OPNE", "matches": False}, '"OPEN": by the model, reads "OPNE"'),
        ({"method": "typeset", "surface": "cake"}, '"OPEN": typeset on the cake, not checked'),
        ({"problem": "no font has it"}, '"OPEN": not written (no font has it)'),
    ],
)
def test_what_became_of_the_quoted_words_is_told(facts: dict[str, Any], said: str) -> None:
    manifest = manifest_of(IntentFacts(by="rules", prompt="x"), score=1.0)
    image = manifest.images[0].model_copy(update={"lettering": (LetteringFacts(text="OPEN", **facts),)})
    assert said in printed(manifest.model_copy(update={"images": (image,)}))


@pytest.mark.parametrize("job", [{"id": "j"}, JOB])
def test_a_job_without_a_manifest_has_no_such_lines(job: dict[str, Any]) -> None:
    assert understanding_lines(Keeper(None), job) is None


def test_what_was_not_understood_of_a_region_is_told() -> None:
    rows = dict(understanding_rows({"region": {"by": "contrast", "unrecognized": ["hat"]}}))
    assert rows == {"not understood of the region": "hat"}
