"""The export of a FLUX.2 klein pipeline's folder to a folder of ONNX files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion.checkpoint import Checkpoint, fetch_checkpoint
from worker.engines.diffusion.decoding.decoder import decoder_enlargement, decoding_peak_bytes
from worker.engines.diffusion.families.family import Family
from worker.engines.diffusion.families.flux2_klein import Flux2Klein
from worker.engines.diffusion.loading import load_family
from worker.engines.onnx.engine import OnnxEngine
from worker.engines.onnx.recipe import (
    ANY,
    FURTHER,
    OWN,
    TOKENIZER,
    ChatTemplate,
    EnlargerFacts,
    Precision,
    Recipe,
    Schedule,
)
from worker.engines.protocol import Brief
from worker.pictures.tiled_enlargement import TILE
from worker.settings import UPSCALER
from worker.upscaler.checkpoint import load_network
from worker.upscaler.published_architectures import UpscalingNetwork

from . import graphs, precision

# A Protocol Buffers file holds at most 2 GiB, and a larger model would not suit a device.
MAX_BYTES = 2 << 30
_PLACEHOLDER = "\u2e3b"  # a character that no template contains
_UNSUPPORTED_OPTIONS = (
    "use_karras_sigmas",
    "use_exponential_sigmas",
    "use_beta_sigmas",
    "invert_sigmas",
    "shift_terminal",
)
_CALIBRATION_PROMPTS = (
    "a red boat on the sea at night",
    "a yellow car in the city by day",
    "a black cat on a wooden table at sunset",
    "a green tree in the desert",
    "a white rocket in the snow",
    "two purple balloons above a meadow, in pencil",
)


def export_onnx(source: str, folder: Path, wanted: Precision, cache: Path) -> Recipe:
    """Writes ``folder``. A reader sees the old or the new folder, never a part.

    ``source`` names a model as the worker's settings do. Raises ModelUnavailable if the model is no FLUX.2
    klein, is too large, or samples in a way that the ONNX engine does not support.
    """
    checkpoint = fetch_checkpoint(source, cache)
    family = load_family(checkpoint, "cpu", "float32")
    _check_family(family)
    part, old = folder.with_name(f"{folder.name}.part"), folder.with_name(f"{folder.name}.old")
    for leftover in (part, old):
        shutil.rmtree(leftover, ignore_errors=True)
    part.mkdir(parents=True)
    _write_graphs(checkpoint, family, part)
    recipe = convert_precision(part, wanted)
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return recipe


def _check_family(family: Family) -> None:
    if not isinstance(family, Flux2Klein):
        raise ModelUnavailable("Only FLUX.2 klein's pipeline is exported, of which the starter is one.")
    pipeline = family.pipeline
    modules = (pipeline.transformer, pipeline.text_encoder, pipeline.vae)
    size = max(sum(p.numel() * p.element_size() for p in module.parameters()) for module in modules)
    if size >= MAX_BYTES:
        raise ModelUnavailable(
            f"A part of this model takes {size >> 20} MiB; at most {MAX_BYTES >> 20} MiB can be exported."
        )
    config = pipeline.scheduler.config
    if unknown := [name for name in _UNSUPPORTED_OPTIONS if config.get(name)]:
        raise ModelUnavailable(f"The scheduler's {', '.join(unknown)} cannot be exported.")


def _write_graphs(checkpoint: Checkpoint, family: Family, folder: Path) -> None:
    """Writes all graphs and the recipe, in float32."""
    card = checkpoint.card
    enlargers = {OWN: card.enlarger, FURTHER: card.further_enlarger, ANY: UPSCALER}
    networks = {name: load_network(name) for name in enlargers.values() if name}
    for graph in graphs.pipeline_graphs(family.pipeline, family.settings.text_encoder_out_layers):
        graph.write(folder)
    for graph, name in enlargers.items():
        if name:
            graphs.enlarger_graph(graph, networks[name]).write(folder)
    family.pipeline.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    _build_recipe(checkpoint, family, networks).write(folder)


def convert_precision(folder: Path, wanted: Precision) -> Recipe:
    """Converts a float32 folder to the wanted precision."""
    recipe = Recipe.read(folder).model_copy(update={"precision": wanted})
    if wanted == "fp16":
        for file in folder.glob("*.onnx"):
            precision.convert_to_float16(file)
    elif wanted == "int8":
        _quantize_folder(folder, recipe)
    recipe.write(folder)
    return recipe


def _quantize_folder(folder: Path, recipe: Recipe) -> None:
    """Quantizes the graphs to int8. The autoencoder becomes float16, because its errors would be visible."""
    seen = _calibration_feeds(folder)
    for graph in (*recipe.own_enlargers, ANY):
        precision.quantize_convolutions(folder / f"{graph}.onnx", seen)
    for name in (graphs.TEXT, graphs.STEP):
        precision.quantize_products(folder / f"{name}.onnx")
    for name in (graphs.ENCODER, graphs.DECODER):
        precision.convert_to_float16(folder / f"{name}.onnx")


def _calibration_feeds(folder: Path) -> list[precision.Feed]:
    """Returns pictures for calibrating the enlargers: drawn ones, and parts of enlarged ones."""
    engine = OnnxEngine(folder)
    engine.load()
    side = int(engine.recipe.native_area**0.5)
    briefs = [Brief(prompt=prompt, width=side, height=side) for prompt in _CALIBRATION_PROMPTS]
    drawn = [engine.diffuse(engine.encode(brief), n, _ignore_progress) for n, brief in enumerate(briefs)]
    networks = [*engine.exported_enlargers(engine.model), *engine.exported_enlargers(None)]
    larger = [network.enlarge(picture)[:TILE, :TILE] for network in networks for picture in drawn[:2]]
    return [{"small": picture.transpose(2, 0, 1)[None].copy()} for picture in (*drawn, *larger)]


def _ignore_progress(_step: int, _of: int, _preview: object) -> None:
    """Ignores the progress."""


def _build_recipe(checkpoint: Checkpoint, family: Family, networks: Mapping[str, UpscalingNetwork]) -> Recipe:
    pipeline, settings = family.pipeline, family.settings
    return Recipe(
        model=checkpoint.model,
        revision=checkpoint.revision,
        precision="fp32",
        native_area=settings.native_area,
        size_multiple=settings.size_multiple,
        max_native_side=settings.max_native_side,
        channels=pipeline.transformer.config.in_channels,
        steps=settings.steps,
        guidance=settings.guidance,
        distilled=bool(pipeline.config.is_distilled),
        max_tokens=settings.max_sequence_length,
        frame=_prompt_frame(pipeline.tokenizer),
        schedule=_noise_schedule(pipeline.scheduler.config),
        decoder_bytes=decoding_peak_bytes(pipeline.vae, 1, 1),
        enlargement=decoder_enlargement(pipeline.vae),
        domain=checkpoint.card.domain,
        writes=checkpoint.card.writes,
        enlarger=_enlarger_facts(checkpoint.card.enlarger, networks),
        further_enlarger=_enlarger_facts(checkpoint.card.further_enlarger, networks),
        any_enlarger=_enlarger_facts(UPSCALER, networks),
    )


def _enlarger_facts(name: str | None, networks: Mapping[str, UpscalingNetwork]) -> EnlargerFacts | None:
    if name is None:
        return None
    return EnlargerFacts(name=name, factor=networks[name].factor, reach=networks[name].reach)


def _noise_schedule(config: Any) -> Schedule:
    return Schedule(shift=config.shift, dynamic=config.use_dynamic_shifting, shape=config.time_shift_type)


def _prompt_frame(tokenizer: Any) -> ChatTemplate:
    """Returns what the tokenizer's chat template adds around a prompt, as in ``Flux2KleinPipeline``."""
    before, after = _apply_chat_template(tokenizer, _PLACEHOLDER).split(_PLACEHOLDER)
    return ChatTemplate(
        before=before,
        after=after,
        trimmed=_apply_chat_template(tokenizer, f" {_PLACEHOLDER} ") == before + _PLACEHOLDER + after,
    )


def _apply_chat_template(tokenizer: Any, text: str) -> str:
    return tokenizer.apply_chat_template(
        [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True, enable_thinking=False
    )
