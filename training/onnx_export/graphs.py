"""The parts of a pipeline as ONNX graphs, with inputs and outputs in float32 or whole numbers.

Each graph wraps a module of the pipeline and the pipeline's few lines around it. Every size that a caller
may choose is dynamic. The ONNX engine knows the names of inputs and outputs.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from torch.export import Dim
from torch.nn import functional

from worker.upscaler.inference_network import InferenceNetwork
from worker.upscaler.published_architectures import UpscalingNetwork
from worker.upscaler.super_resolution import SuperResolution

TEXT, STEP, ENCODER, DECODER = "text", "step", "encoder", "decoder"

_OPSET = 20


@dataclass(frozen=True)
class ExportGraph:
    """A module, example inputs for tracing it, and the inputs' dynamic dimensions."""

    name: str
    module: nn.Module
    inputs: dict[str, torch.Tensor]
    open: dict[str, tuple[int, ...]]
    output: str

    def write(self, folder: Path) -> None:
        """Writes ``name.onnx`` in float32."""
        # It warns that torchvision is missing, which nothing here needs.
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        shapes = {name: dict.fromkeys(self.open[name], Dim.DYNAMIC) for name in self.inputs}
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch's own pytrees, copied by torch
            torch.onnx.export(
                self.module.eval(),
                kwargs=self.inputs,
                f=folder / f"{self.name}.onnx",
                input_names=list(self.inputs),
                output_names=[self.output],
                dynamic_shapes=shapes,
                opset_version=_OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
            )


def pipeline_graphs(pipeline: Any, text_layers: Sequence[int]) -> list[ExportGraph]:
    """Returns the graphs of a ``Flux2KleinPipeline`` whose weights are float32."""
    channels = pipeline.transformer.config.in_channels
    side = 5 * 2 ** len(pipeline.vae.config.block_out_channels)
    open_picture = (0, 2, 3)
    # Two tensors, because the exporter merges a tensor that is given twice into one input.
    text = {"ids": torch.ones(2, 12, dtype=torch.long), "mask": torch.ones(2, 12, dtype=torch.long)}
    latents, picture = torch.randn(2, channels, 5, 6), torch.rand(2, 3, side, 2 * side)
    return [
        ExportGraph(TEXT, TextEmbedder(pipeline, text_layers), text, {"ids": (0, 1), "mask": (0, 1)}, "text"),
        _transformer_graph(pipeline.transformer),
        ExportGraph(
            ENCODER, LatentEncoder(pipeline.vae), {"picture": picture}, {"picture": open_picture}, "latents"
        ),
        ExportGraph(
            DECODER, LatentDecoder(pipeline.vae), {"latents": latents}, {"latents": open_picture}, "picture"
        ),
    ]


def enlarger_graph(name: str, network: UpscalingNetwork) -> ExportGraph:
    """Returns the graph of a network that enlarges."""
    module = InferenceNetwork(network) if isinstance(network, SuperResolution) else cast(nn.Module, network)
    return ExportGraph(name, module, {"small": torch.rand(2, 3, 24, 40)}, {"small": (0, 2, 3)}, "large")


def _transformer_graph(transformer: Any) -> ExportGraph:
    tokens, words = 15, 12
    inputs = {
        "tokens": torch.randn(2, tokens, transformer.config.in_channels),
        "text": torch.randn(2, words, transformer.config.joint_attention_dim),
        "sigma": torch.tensor([0.3, 0.7]),
        "places": torch.arange(4 * tokens).view(tokens, 4),
        "text_places": torch.arange(4 * words).view(words, 4),
    }
    free = {"tokens": (0, 1), "text": (0, 1), "sigma": (0,), "places": (0,), "text_places": (0,)}
    return ExportGraph(STEP, TransformerStep(transformer), inputs, free, "velocity")


class TextEmbedder(nn.Module):
    """Turns token ids and their mask, (batch, tokens), into embeddings (batch, tokens, layers × width)."""

    def __init__(self, pipeline: Any, layers: Sequence[int]) -> None:
        super().__init__()
        self.encoder = pipeline.text_encoder.model
        self.layers = tuple(layers)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        at = torch.arange(ids.shape[1])
        # The full mask is given, so that no branch in transformers depends on the mask's values.
        seen = (at[None, :] <= at[:, None])[None, None] & (mask[:, None, None, :] > 0)
        states = self.encoder(
            input_ids=ids,
            attention_mask={"full_attention": seen},
            position_ids=at[None],
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states
        return torch.cat([states[layer] for layer in self.layers], dim=-1)


class TransformerStep(nn.Module):
    """Predicts the velocity of every token, (batch, tokens, channels), references included."""

    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(
        self,
        tokens: torch.Tensor,
        text: torch.Tensor,
        sigma: torch.Tensor,
        places: torch.Tensor,
        text_places: torch.Tensor,
    ) -> torch.Tensor:
        return self.transformer(
            hidden_states=tokens,
            encoder_hidden_states=text,
            timestep=sigma,
            img_ids=places,
            txt_ids=text_places,
            return_dict=False,
        )[0]


class LatentEncoder(nn.Module):
    """Encodes pictures (batch, 3, H, W) in 0–1 to the transformer's latents, (batch, 4c, h, w)."""

    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = vae
        self.mean, self.deviation = _latent_statistics(vae)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        latents = self.vae.encode(picture * 2 - 1, return_dict=False)[0].mode()
        return (functional.pixel_unshuffle(latents, 2) - self.mean) / self.deviation


class LatentDecoder(nn.Module):
    """Decodes latents (batch, 4c, h, w) to pictures (batch, 3, H, W) in 0–1."""

    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = vae
        self.mean, self.deviation = _latent_statistics(vae)

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        patches = functional.pixel_shuffle(latents * self.deviation + self.mean, 2)
        return (self.vae.decode(patches, return_dict=False)[0] / 2 + 0.5).clamp(0, 1)


def _latent_statistics(vae: Any) -> tuple[torch.Tensor, torch.Tensor]:
    mean, variance = (each.detach().view(1, -1, 1, 1) for each in (vae.bn.running_mean, vae.bn.running_var))
    return mean, torch.sqrt(variance + vae.config.batch_norm_eps)
