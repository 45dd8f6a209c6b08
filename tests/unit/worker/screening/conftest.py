"""A ShieldGemma 2 of the real classes, with random weights and hardly any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import (
    Gemma3ImageProcessor,
    Gemma3TextConfig,
    PreTrainedTokenizerFast,
    ShieldGemma2Config,
    ShieldGemma2ForImageClassification,
    ShieldGemma2Processor,
    SiglipVisionConfig,
)

SIDE, PATCH, TOKENS = 56, 14, 4  # pixels, pixels, tokens per image
_SPECIAL = ("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_image>", "<end_of_image>", "<image_soft_token>")
_WORDS = ("Yes", "No", "policy")
_TEMPLATE = (
    "{% for message in messages %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<start_of_image>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endfor %}"
)


def _tokenizer() -> PreTrainedTokenizerFast:
    words = {word: n for n, word in enumerate((*_SPECIAL, *_WORDS))}
    model = Tokenizer(WordLevel(words, unk_token="<unk>"))
    model.pre_tokenizer = Split(Regex(r"\s+"), "removed")
    return PreTrainedTokenizerFast(
        tokenizer_object=model,
        pad_token="<pad>",
        eos_token="<eos>",
        bos_token="<bos>",
        unk_token="<unk>",
        extra_special_tokens={
            "boi_token": "<start_of_image>",
            "eoi_token": "<end_of_image>",
            "image_token": "<image_soft_token>",
        },
    )


def _config(words: dict[str, int]) -> ShieldGemma2Config:
    text = Gemma3TextConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=256,
        sliding_window=64,
    )
    vision = SiglipVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=PATCH,
    )
    answers: dict[str, Any] = {"yes_token_index": words["Yes"], "no_token_index": words["No"]}
    return ShieldGemma2Config(
        text_config=text.to_dict(),
        vision_config=vision.to_dict(),
        mm_tokens_per_image=TOKENS,
        boi_token_index=words["<start_of_image>"],
        eoi_token_index=words["<end_of_image>"],
        image_token_index=words["<image_soft_token>"],
        **answers,
    )


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a checkpoint, as the real one is laid out."""
    folder = tmp_path_factory.mktemp("shieldgemma")
    torch.manual_seed(7)
    tokenizer = _tokenizer()
    size = {"height": SIDE, "width": SIDE}
    processor = ShieldGemma2Processor(
        Gemma3ImageProcessor(size=size), tokenizer, chat_template=_TEMPLATE, image_seq_length=TOKENS
    )
    processor.save_pretrained(folder)
    model = ShieldGemma2ForImageClassification(_config(tokenizer.get_vocab()))
    model.save_pretrained(folder)
    return folder
