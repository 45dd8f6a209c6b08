"""The text encoder: a small Qwen3, taught to know what captions say before any picture is drawn.

It learns to predict the next token, and to answer from its last states what a text says of every fact: which
subject, colour, setting, light and so on. The answers' heads are thrown away; what stays are states in which
the facts are easy to find, so that the transformer can follow prompts early in its training.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch.nn import functional
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer
from transformers.models.qwen3.configuration_qwen3 import Qwen3Config
from transformers.models.qwen3.modeling_qwen3 import Qwen3ForCausalLM

from training.examples.captions import FACTS, VOCABULARY, Caption, caption
from training.examples.edits import sample_edit
from training.examples.instructions import instruction
from training.examples.references import sample_reference
from training.scenes.scene import sample_scene

from .config import Config, TextShape
from .tokenizer import END, PAD, Tokens, tokenize

_LANGUAGE_WEIGHT = 0.2


def build_text_encoder(shape: TextShape, tokenizer: Qwen2Tokenizer) -> Qwen3ForCausalLM:
    """An untrained text encoder for ``tokenizer``'s vocabulary."""
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        intermediate_size=3 * shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        head_dim=shape.width // shape.heads,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.get_vocab()[PAD],
        eos_token_id=tokenizer.get_vocab()[END],
    )
    return Qwen3ForCausalLM(config)


class Reader(torch.nn.Module):
    """The text encoder with a head for every fact."""

    def __init__(self, encoder: Qwen3ForCausalLM, tokenizer: Qwen2Tokenizer, shape: TextShape) -> None:
        super().__init__()
        self.encoder = encoder
        self.tokenizer = tokenizer
        self.max_tokens = shape.max_tokens
        self.heads = torch.nn.ModuleDict(
            {fact: torch.nn.Linear(shape.width, len(VOCABULARY[fact])) for fact in FACTS}
        )

    def loss(self, captions: Sequence[Caption]) -> torch.Tensor:
        """What the heads and the next-token prediction get wrong, over the batch."""
        tokens = self._tokens(captions)
        output = self.encoder(**tokens, output_hidden_states=True, use_cache=False)
        mask = tokens["attention_mask"]
        answers = sum((self._answer_loss(output.hidden_states[-1], mask, captions)), torch.zeros(()))
        labels = tokens["input_ids"].masked_fill(mask == 0, -100)
        language = functional.cross_entropy(output.logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        return answers + _LANGUAGE_WEIGHT * language

    @torch.no_grad()
    def accuracy(self, captions: Sequence[Caption]) -> float:
        """The share of facts that the heads answer rightly, read from the last real token."""
        tokens = self._tokens(captions)
        output = self.encoder(**tokens, output_hidden_states=True, use_cache=False)
        rows = torch.arange(len(captions), device=self._device)
        last = output.hidden_states[-1][rows, tokens["attention_mask"].sum(1) - 1]
        hits = [(self.heads[f](last).argmax(-1) == self._labels(f, captions)).float().mean() for f in FACTS]
        return torch.stack(hits).mean().item()

    def _tokens(self, captions: Sequence[Caption]) -> Tokens:
        tokens = tokenize(self.tokenizer, [c.text for c in captions], self.max_tokens)
        return {name: tensor.to(self._device) for name, tensor in tokens.items()}

    def _answer_loss(
        self, states: torch.Tensor, mask: torch.Tensor, captions: Sequence[Caption]
    ) -> list[torch.Tensor]:
        # The padding after the last token sees the whole text too, and the transformer, which has no mask
        # for text, is given it: let it carry the facts as well.
        lengths = mask.sum(dim=1, keepdim=True)
        positions = torch.arange(mask.shape[1], device=mask.device)
        closing = (positions >= lengths - 1).float()
        weights = (closing / closing.sum(dim=1, keepdim=True)).unsqueeze(-1)
        rows = torch.arange(len(captions), device=mask.device)
        last, pooled = states[rows, lengths.squeeze(1) - 1], (states * weights).sum(dim=1)
        return [
            functional.cross_entropy(self.heads[fact](view), self._labels(fact, captions))
            for fact in FACTS
            for view in (last, pooled)
        ]

    def _labels(self, fact: str, captions: Sequence[Caption]) -> torch.Tensor:
        return torch.tensor([VOCABULARY[fact].index(c.facts[fact]) for c in captions], device=self._device)

    @property
    def _device(self) -> torch.device:
        return self.encoder.device


def training_captions(config: Config, step: int) -> list[Caption]:
    """The captions of step ``step``."""
    dice = random.Random(f"text {config.seed} {step}")
    return [sample_text(dice) for _ in range(config.text_batch)]


def sample_text(dice: random.Random) -> Caption:
    """A random text of those that people give: two in three a caption, else an instruction or a sequel."""
    chosen = dice.random()
    if chosen < 0.68:
        return caption(sample_scene(dice), dice)
    if chosen < 0.9:
        return instruction(sample_edit(dice), dice)
    return sample_reference(dice).prompt


def embed(
    encoder: Qwen3ForCausalLM, tokenizer: Qwen2Tokenizer, texts: Sequence[str], shape: TextShape
) -> torch.Tensor:
    """Prompt embeddings as ``Flux2KleinPipeline`` computes them: (batch, tokens, layers × width)."""
    return embed_tokens(encoder, tokenize(tokenizer, texts, shape.max_tokens), shape)


@torch.no_grad()
def embed_tokens(encoder: Qwen3ForCausalLM, tokens: Tokens, shape: TextShape) -> torch.Tensor:
    """:func:`embed` of texts that are tokens already."""
    placed = {name: tensor.to(encoder.device) for name, tensor in tokens.items()}
    states = encoder.model(**placed, output_hidden_states=True, use_cache=False).hidden_states
    return torch.cat([states[k] for k in shape.out_layers], dim=-1)
