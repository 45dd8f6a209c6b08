"""What the text encoder did not get of a prompt is told with its intent."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.worker.stages.making import tools, work
from worker.engines.mock import MockEngine
from worker.engines.protocol import Brief, Encoded
from worker.stages.encode import encode
from worker.stages.intent import intent
from worker.stages.sequence import sequence
from worker.stages.tools import IntakeTools


class Forgetful(MockEngine):
    """Reads two words of a prompt."""

    def encode(self, brief: Brief) -> Encoded:
        rest = " ".join(brief.prompt.split()[2:])
        return replace(super().encode(brief), unread_prompt=rest or None)


def test_the_unread_end_of_a_prompt_is_told() -> None:
    job = encode(intent(work(prompt="a boat on the sea"), IntakeTools()), tools(Forgetful()))
    assert job.intent is not None
    assert job.intent.prompt_truncated == "on the sea"


def test_of_a_prompt_that_was_read_to_its_end_nothing_is_told() -> None:
    job = encode(intent(work(prompt="a boat"), IntakeTools()), tools(Forgetful()))
    assert job.intent is not None
    assert job.intent.prompt_truncated is None


def test_each_picture_of_a_sequence_tells_of_its_own_prompt() -> None:
    asked = work(task="sequence", prompt=None, prompts=["a boat", "a boat at night"])
    job = sequence(intent(asked, IntakeTools()), tools(Forgetful()))
    assert [each.intent.prompt_truncated for each in job.pictures if each.intent] == [None, "at night"]
