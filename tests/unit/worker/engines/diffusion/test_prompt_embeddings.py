"""A prompt that comes again is not encoded again, within a limit of bytes."""

from __future__ import annotations

import pytest
import torch

from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.families.family import PipelineCall
from worker.engines.diffusion.prompt_embeddings import PromptEmbeddings
from worker.engines.protocol import Brief

pytestmark = pytest.mark.slow


class Encoder:
    """Gives each call a tensor of 1,000 bytes in a list, and counts the calls."""

    def __init__(self) -> None:
        self.calls = 0

    def encode(self) -> tuple[list[torch.Tensor], None]:
        self.calls += 1
        return [torch.full((1_000,), self.calls, dtype=torch.uint8)], None


def test_what_was_found_before_is_not_made_again() -> None:
    encoder, kept = Encoder(), PromptEmbeddings()
    first, again = (kept.find("a boat", encoder.encode) for _ in range(2))
    assert encoder.calls == 1
    assert first[0][0] is again[0][0]
    kept.find("a house", encoder.encode)
    assert encoder.calls == 2


def test_what_was_not_used_for_longest_is_dropped() -> None:
    encoder, kept = Encoder(), PromptEmbeddings(kept_bytes=2_000)
    for key in ("a", "b", "a", "c", "a"):
        kept.find(key, encoder.encode)
    assert encoder.calls == 3
    kept.find("b", encoder.encode)
    assert encoder.calls == 4


def test_what_is_larger_than_the_limit_is_given_and_not_kept() -> None:
    encoder, kept = Encoder(), PromptEmbeddings(kept_bytes=999)
    assert [kept.find("a", encoder.encode)[0][0][0].item() for _ in range(2)] == [1, 2]


def test_a_list_that_is_changed_by_its_user_is_whole_the_next_time() -> None:
    encoder, kept = Encoder(), PromptEmbeddings()
    kept.find("a", encoder.encode)[0].clear()
    assert len(kept.find("a", encoder.encode)[0]) == 1


def test_a_kept_prompt_gives_the_same_picture(
    klein: DiffusersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = Brief(prompt="a boat that no other test asks for", width=64, height=64, steps=2, guidance=1.0)
    encoded = klein.encode(brief)
    assert isinstance(encoded.conditions, PipelineCall)
    calls: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(encoded.conditions.pipeline, "encode_prompt", calls.append)
        again = klein.encode(brief)
    assert not calls
    first, second = (klein.diffuse(each, 1, lambda _step, _of, _preview: None) for each in (encoded, again))
    assert (first == second).all()
