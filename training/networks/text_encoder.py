"""The text encoder: a small Qwen3 that is trained on captions before the transformer.

It learns to predict the next token, and auxiliary heads classify each fact of the caption from its last
states: subject, colour, setting, light and so on. The heads are dropped. The states then carry the facts,
so that the transformer follows prompts early in its training.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch.nn import functional
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer
from transformers.models.qwen3.configuration_qwen3 import Qwen3Config
from transformers.models.qwen3.modeling_qwen3 import Qwen3ForCausalLM

from training.examples.captions import CAPTION_FACTS, FACT_ANSWERS, Caption, sample_caption
from training.examples.edits import sample_edit
from training.examples.instructions import sample_instruction
from training.examples.references import sample_reference
from training.scenes.scene_sampling import sample_scene

from .config import TextShape, TrainingConfig
from .tokenizer import END, PAD, Tokens, tokenize_texts

_LANGUAGE_WEIGHT = 0.2


def build_text_encoder(shape: TextShape, tokenizer: Qwen2Tokenizer) -> Qwen3ForCausalLM:
    """Builds an untrained text encoder for the vocabulary of ``tokenizer``."""
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


class TextEncoderWithFactHeads(torch.nn.Module):
    """The text encoder with one auxiliary head for each fact."""

    def __init__(self, encoder: Qwen3ForCausalLM, tokenizer: Qwen2Tokenizer, shape: TextShape) -> None:
        super().__init__()
        self.encoder = encoder
        self.tokenizer = tokenizer
        self.max_tokens = shape.max_tokens
        self.heads = torch.nn.ModuleDict(
            {fact: torch.nn.Linear(shape.width, len(FACT_ANSWERS[fact])) for fact in CAPTION_FACTS}
        )

    def loss(self, captions: Sequence[Caption]) -> torch.Tensor:
        """Returns the cross-entropy of the heads and of the next tokens."""
        tokens = self._tokenize(captions)
        output = self.encoder(**tokens, output_hidden_states=True, use_cache=False)
        mask = tokens["attention_mask"]
        answers = sum((self._answer_loss(output.hidden_states[-1], mask, captions)), torch.zeros(()))
        labels = tokens["input_ids"].masked_fill(mask == 0, -100)
        language = functional.cross_entropy(output.logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        return answers + _LANGUAGE_WEIGHT * language

    @torch.no_grad()
    def accuracy(self, captions: Sequence[Caption]) -> float:
        """Returns the share of facts that the heads classify correctly from the last real token."""
        tokens = self._tokenize(captions)
        output = self.encoder(**tokens, output_hidden_states=True, use_cache=False)
        rows = torch.arange(len(captions), device=self._device)
        last = output.hidden_states[-1][rows, tokens["attention_mask"].sum(1) - 1]
        hits = [
            (self.heads[f](last).argmax(-1) == self._fact_labels(f, captions)).float().mean()
            for f in CAPTION_FACTS
        ]
        return torch.stack(hits).mean().item()

    def _tokenize(self, captions: Sequence[Caption]) -> Tokens:
        tokens = tokenize_texts(self.tokenizer, [c.text for c in captions], self.max_tokens)
        return {name: tensor.to(self._device) for name, tensor in tokens.items()}

    def _answer_loss(
        self, states: torch.Tensor, mask: torch.Tensor, captions: Sequence[Caption]
    ) -> list[torch.Tensor]:
        # The padding after the last token attends to the whole text too, and the transformer, which has no
        # mask for text, reads it. It is trained to carry the facts as well.
        lengths = mask.sum(dim=1, keepdim=True)
        positions = torch.arange(mask.shape[1], device=mask.device)
        closing = (positions >= lengths - 1).float()
        weights = (closing / closing.sum(dim=1, keepdim=True)).unsqueeze(-1)
        rows = torch.arange(len(captions), device=mask.device)
        last, pooled = states[rows, lengths.squeeze(1) - 1], (states * weights).sum(dim=1)
        return [
            functional.cross_entropy(self.heads[fact](view), self._fact_labels(fact, captions))
            for fact in CAPTION_FACTS
            for view in (last, pooled)
        ]

    def _fact_labels(self, fact: str, captions: Sequence[Caption]) -> torch.Tensor:
        return torch.tensor([FACT_ANSWERS[fact].index(c.facts[fact]) for c in captions], device=self._device)

    @property
    def _device(self) -> torch.device:
        return self.encoder.device


def training_captions(config: TrainingConfig, step: int) -> list[Caption]:
    """Samples the captions of step ``step``."""
    rng = random.Random(f"text {config.seed} {step}")
    return [sample_text(rng) for _ in range(config.text_batch)]


def sample_text(rng: random.Random) -> Caption:
    """Samples a text: two in three are captions, the others instructions or prompts with a reference."""
    chosen = rng.random()
    if chosen < 0.68:
        return sample_caption(sample_scene(rng), rng)
    if chosen < 0.9:
        return sample_instruction(sample_edit(rng), rng)
    return sample_reference(rng).prompt


def embed_texts(
    encoder: Qwen3ForCausalLM, tokenizer: Qwen2Tokenizer, texts: Sequence[str], shape: TextShape
) -> torch.Tensor:
    """Returns prompt embeddings as ``Flux2KleinPipeline`` computes them: (batch, tokens, layers × width)."""
    return embed_tokens(encoder, tokenize_texts(tokenizer, texts, shape.max_tokens), shape)


@torch.no_grad()
def embed_tokens(encoder: Qwen3ForCausalLM, tokens: Tokens, shape: TextShape) -> torch.Tensor:
    """Returns the embeddings of tokenized texts, like :func:`embed_texts`."""
    placed = {name: tensor.to(encoder.device) for name, tensor in tokens.items()}
    states = encoder.model(**placed, output_hidden_states=True, use_cache=False).hidden_states
    return torch.cat([states[k] for k in shape.out_layers], dim=-1)
