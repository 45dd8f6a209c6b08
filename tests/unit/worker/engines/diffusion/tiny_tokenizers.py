"""Tokenizers of a few hundred tokens, trained on four sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import CLIPTokenizer, PreTrainedTokenizerFast, Qwen2Tokenizer

SENTENCES = [
    "a red boat on the sea at night",
    "a yellow banana in the snow by day",
    "make the boat green",
    "a house and a tree in a meadow at sunset",
]
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def byte_level(special: list[str], **words: Any) -> Tokenizer:
    """A BPE tokenizer trained on the sentences; ``words`` may give an end_of_word_suffix."""
    tokenizer = Tokenizer(models.BPE(**words))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        **words,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def qwen_tokenizer(*further: str) -> Qwen2Tokenizer:
    """Qwen's class; ``further`` are special tokens beside those of a chat."""
    tokenizer = Qwen2Tokenizer(
        tokenizer_object=byte_level(["<|endoftext|>", "<|im_start|>", "<|im_end|>", *further]),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def mistral_tokenizer() -> Any:
    """Takes chats whose messages are lists of parts."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=byte_level(["<unk>", "<s>", "</s>", "<pad>", "[IMG]"]),
        eos_token="</s>",
        bos_token="<s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=512,
        padding_side="left",
    )
    tokenizer.chat_template = (
        "{% for message in messages %}{% if message['role'] == 'user' %}"
        "{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{% endif %}{% endfor %}"
    )
    return tokenizer


def clip_tokenizer(directory: Path) -> CLIPTokenizer:
    """CLIP's own tokenizer class over a small vocabulary."""
    trained = json.loads(
        byte_level(["<|startoftext|>", "<|endoftext|>"], end_of_word_suffix="</w>").to_str()
    )["model"]
    vocab = dict(trained["vocab"])
    for letter in pre_tokenizers.ByteLevel.alphabet():
        vocab.setdefault(f"{letter}</w>", len(vocab))
    (directory / "vocab.json").write_text(json.dumps(vocab))
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in trained["merges"]]
    (directory / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]))
    return CLIPTokenizer.from_pretrained(directory, model_max_length=77)


def t5_tokenizer() -> Any:
    """Ends each text with ``</s>``, as T5's does; Gemma's class takes it as well."""
    tokenizer = byte_level(["<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=512,
    )
