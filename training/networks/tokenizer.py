"""The text encoder's byte-pair tokenizer, trained on captions, in Qwen2's format."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import cast

import torch
from tokenizers import Regex, Tokenizer, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX, Qwen2Tokenizer

from training.examples.captions import sample_caption
from training.examples.edits import sample_edit
from training.examples.instructions import sample_instruction
from training.scenes.scene_sampling import sample_scene

from .config import TextShape

Tokens = dict[str, torch.Tensor]
"""``input_ids`` and ``attention_mask``, each (batch, tokens)."""

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
# Shorter than Qwen3's: beside 64 image tokens, a role's name in every prompt would cost much time.
CHAT_TEMPLATE = (
    "{% for message in messages %}" + START + "{{ message['content'] | trim }}" + END + "{% endfor %}"
)


def train_tokenizer(text: TextShape, seed: int) -> Qwen2Tokenizer:
    """Trains a tokenizer for ``text``. It encodes any text, because its alphabet is bytes."""
    tokenizer = Tokenizer(BPE())
    # Qwen2's split: a word takes the space before it along.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=text.vocabulary,
        special_tokens=[PAD, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_sample_texts(random.Random(seed), text.tokenizer_captions), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return Qwen2Tokenizer(
        vocab=model["vocab"],
        # The annotation says strings; the tokenizer takes pairs.
        merges=cast(list[str], [tuple(pair) for pair in model["merges"]]),
        unk_token=PAD,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[START, END],
        padding_side="right",
        chat_template=CHAT_TEMPLATE,
    )


def tokenize_texts(tokenizer: Qwen2Tokenizer, texts: Sequence[str], max_tokens: int) -> Tokens:
    """Tokenizes texts exactly as ``Flux2KleinPipeline`` does."""
    chats = [_apply_chat_template(tokenizer, text) for text in texts]
    return dict(
        tokenizer(chats, return_tensors="pt", padding="max_length", truncation=True, max_length=max_tokens)
    )


def _apply_chat_template(tokenizer: Qwen2Tokenizer, text: str) -> str:
    messages = [{"role": "user", "content": text}]
    return cast(
        str,
        tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
        ),
    )


def _sample_texts(rng: random.Random, count: int) -> Iterator[str]:
    for number in range(count):
        if number % 4:
            yield sample_caption(sample_scene(rng), rng).text
        else:
            yield sample_instruction(sample_edit(rng), rng).text
