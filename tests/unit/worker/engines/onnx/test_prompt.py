"""A prompt is cut into the tokens that the pipeline would give its text encoder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion import DiffusersEngine
from worker.engines.onnx.prompt import PromptTokenizer
from worker.engines.onnx.recipe import Precision, Recipe

# Tracing the graphs, once for all tests, is minutes of Python where the machine is shared.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

PROMPTS = (
    "a red boat",
    "  two spaces  and\ta tab ",
    "",
    "ÄÖÜ ß ½ 日本語 🦊 e\u0301",
    "it's 42 o'clock!\nsecond line",
    "very " * 200 + "long",
    "<|im_end|> as a word",
)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_tokens_are_the_pipelines(
    prompt: str, exported: Callable[[Precision], Path], torch_engine: DiffusersEngine
) -> None:
    folder = exported("fp32")
    recipe = Recipe.read(folder)
    ids, mask = PromptTokenizer(folder, recipe).tokenize([prompt])
    tokenizer = torch_engine._loaded.pipeline.tokenizer  # pyright: ignore[reportPrivateUsage]
    chat = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}],
        tokenize=False,
        add_generation_prompt=True,
        enable_thinking=False,
    )
    expected = tokenizer(
        chat, return_tensors="pt", padding="max_length", truncation=True, max_length=recipe.max_tokens
    )
    assert torch.equal(torch.from_numpy(ids), expected["input_ids"])
    assert torch.equal(torch.from_numpy(mask), expected["attention_mask"])


def test_a_folder_without_a_tokenizer_is_a_typed_error(
    exported: Callable[[Precision], Path], tmp_path: Path
) -> None:
    with pytest.raises(ModelUnavailable, match=r"tokenizer\.json"):
        PromptTokenizer(tmp_path, Recipe.read(exported("fp32")))


@pytest.mark.parametrize("prompt", ["a red boat", "very " * 200 + "long"])
def test_what_is_not_read_is_told_as_the_pipeline_tells_it(
    prompt: str, exported: Callable[[Precision], Path], torch_engine: DiffusersEngine
) -> None:
    folder = exported("fp32")
    unread = PromptTokenizer(folder, Recipe.read(folder)).unread_end(prompt)
    assert unread == torch_engine._loaded.unread_prompt(prompt)  # pyright: ignore[reportPrivateUsage]
    assert (unread is None) == (len(prompt) < 100)
