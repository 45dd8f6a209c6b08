"""The auxiliary head improves the transformer, and does not ship."""

from __future__ import annotations

import torch

from training.networks.config import TrainingConfig
from training.networks.layout_head import TransformerWithLayoutHead, transformer_weights
from training.networks.transformer import build_transformer, flow_loss

TOKENS = 5


def make_transformer(tiny: TrainingConfig) -> TransformerWithLayoutHead:
    torch.manual_seed(0)
    shape = build_transformer(tiny.transformer, tiny.text, tiny.autoencoder.latent_channels)
    return TransformerWithLayoutHead(shape, TOKENS)


def draw(make_transformer: TransformerWithLayoutHead) -> torch.Tensor:
    latents, text = torch.randn(2, 16, 2, 3), torch.randn(2, TOKENS, 64)
    generator, weights = torch.Generator().manual_seed(0), torch.ones(1, 16, 1, 1)
    return flow_loss(make_transformer.transformer, latents, latents, text, 2.0, generator, weights)


def test_knowing_the_layout_better_changes_the_blocks_that_come_before_the_head(tiny: TrainingConfig) -> None:
    taught = make_transformer(tiny)
    torch.nn.init.normal_(taught.transformer.single_stream_modulation.linear.weight)
    draw(taught)
    taught.layout_loss(torch.randint(0, 3, (2, 2, 2, 3))).backward()
    embedder = taught.transformer.x_embedder.weight.grad
    assert embedder is not None
    assert embedder.any()


def test_a_layout_that_the_head_learns_costs_less(tiny: TrainingConfig) -> None:
    taught = make_transformer(tiny)
    layout = torch.ones(2, 2, 2, 3, dtype=torch.int64)
    draw(taught)
    before = taught.layout_loss(layout)
    before.backward()
    with torch.no_grad():
        for weights in (*taught.subject.parameters(), *taught.colour.parameters()):
            assert weights.grad is not None
            weights -= weights.grad
    assert taught.layout_loss(layout) < before


def test_the_transformer_s_weights_come_out_alone(tiny: TrainingConfig) -> None:
    taught = make_transformer(tiny)
    weights = transformer_weights(taught.state_dict())
    assert weights.keys() == taught.transformer.state_dict().keys()
