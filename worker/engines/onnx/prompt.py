"""Prompts as the text encoder takes them: in the model's chat template, tokenized and padded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from functions.contract.errors import ModelUnavailable
from worker.engines.onnx.recipe import TOKENIZER, Recipe


class PromptTokenizer:
    """Tokenizes prompts. Raises ModelUnavailable if the folder has no tokenizer."""

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        self._template = recipe.frame
        file = folder / TOKENIZER
        if not file.is_file():
            raise ModelUnavailable(f"{file} is missing: export the model again.")
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.enable_truncation(recipe.max_tokens)
        padding = self._tokenizer.padding or {}
        self._tokenizer.enable_padding(
            length=recipe.max_tokens,
            pad_id=padding.get("pad_id", 0),
            pad_token=padding.get("pad_token", "[PAD]"),
        )

    def tokenize(self, prompts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Returns ids and mask, both (prompts, max_tokens)."""
        read = self._tokenizer.encode_batch([self._apply_template(prompt) for prompt in prompts])
        ids = np.array([each.ids for each in read], np.int64)
        return ids, np.array([each.attention_mask for each in read], np.int64)

    def unread_end(self, prompt: str) -> str | None:
        """Returns the end of ``prompt`` that the tokens do not reach; None if they hold all of it."""
        asked, text = prompt.strip(), self._apply_template(prompt)
        end = max((last for _, last in self._tokenizer.encode(text).offsets), default=0)
        return asked[max(0, end - text.find(asked)) :].strip() or None

    def _apply_template(self, prompt: str) -> str:
        text = prompt.strip() if self._template.trimmed else prompt
        return f"{self._template.before}{text}{self._template.after}"
