"""``python -m training.onnx_export``: a FLUX.2 klein pipeline's folder as a folder of ONNX files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion.checkpoint import Checkpoint, fetch_checkpoint
from worker.engines.diffusion.decoder import decoder_enlargement, decoding_peak_bytes
from worker.engines.diffusion.families.family import Family
from worker.engines.diffusion.families.flux2_klein import Flux2Klein
from worker.engines.diffusion.loading import load_family
from worker.engines.onnx.engine import OnnxEngine
from worker.engines.onnx.enlarge import ANY, OWN
from worker.engines.onnx.recipe import TOKENIZER, ChatTemplate, EnlargerFacts, Precision, Recipe, Schedule
from worker.engines.protocol import Brief
from worker.pictures.tiled_enlargement import TILE
from worker.settings import UPSCALER
from worker.upscaler.checkpoint import load_network
from worker.upscaler.published_architectures import UpscalingNetwork

from . import graphs, precision

# A file of Protocol Buffers ends at 2 GiB, and nobody calls a larger model one for a device.
MOST_BYTES = 2 << 30
_SAID = "\u2e3b"  # a sign that no template has
_WITHOUT = (
    "use_karras_sigmas",
    "use_exponential_sigmas",
    "use_beta_sigmas",
    "invert_sigmas",
    "shift_terminal",
)
_SEEN_WHEN_CALIBRATING = (
    "a red boat on the sea at night",
    "a yellow car in the city by day",
    "a black cat on a wooden table at sunset",
    "a green tree in the desert",
    "a white rocket in the snow",
    "two purple balloons above a meadow, in pencil",
)


def export(source: str, folder: Path, wanted: Precision, cache: Path) -> Recipe:
    """Writes ``folder``: a reader sees the old one or the new, whole.

    ``source`` is what the worker takes as a model too. Raises ModelUnavailable for one that is no FLUX.2
    klein, is too large, or draws in a way that the runner does not know.
    """
    checkpoint = fetch_checkpoint(source, cache)
    family = load_family(checkpoint, "cpu", "float32")
    _check(family)
    part, old = folder.with_name(f"{folder.name}.part"), folder.with_name(f"{folder.name}.old")
    for leftover in (part, old):
        shutil.rmtree(leftover, ignore_errors=True)
    part.mkdir(parents=True)
    _write(checkpoint, family, part)
    recipe = narrow(part, wanted)
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return recipe


def _check(family: Family) -> None:
    if not isinstance(family, Flux2Klein):
        raise ModelUnavailable("Only FLUX.2 klein's pipeline is exported, of which the starter is one.")
    pipeline = family.pipeline
    modules = (pipeline.transformer, pipeline.text_encoder, pipeline.vae)
    size = max(sum(p.numel() * p.element_size() for p in module.parameters()) for module in modules)
    if size >= MOST_BYTES:
        raise ModelUnavailable(f"A part of this model takes {size >> 20} MiB; at most {MOST_BYTES >> 20} go.")
    config = pipeline.scheduler.config
    if unknown := [name for name in _WITHOUT if config.get(name)]:
        raise ModelUnavailable(f"The scheduler's {', '.join(unknown)} cannot be exported.")


def _write(checkpoint: Checkpoint, family: Family, folder: Path) -> None:
    """All of it in float32."""
    own = checkpoint.card.enlarger
    networks = {name: load_network(name) for name in (own, UPSCALER) if name}
    for graph in graphs.of_pipeline(family.pipeline, family.settings.text_encoder_out_layers):
        graph.write(folder)
    for graph, name in ((OWN, own), (ANY, UPSCALER)):
        if name:
            graphs.of_enlarger(graph, networks[name]).write(folder)
    family.pipeline.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    _recipe(checkpoint, family, networks).write(folder)


def narrow(folder: Path, wanted: Precision) -> Recipe:
    """Makes a float32 folder one of the wanted precision."""
    recipe = Recipe.read(folder).model_copy(update={"precision": wanted})
    if wanted == "fp16":
        for file in folder.glob("*.onnx"):
            precision.halve(file)
    elif wanted == "int8":
        _quantize(folder, recipe)
    recipe.write(folder)
    return recipe


def _quantize(folder: Path, recipe: Recipe) -> None:
    """The autoencoder is halved: its errors would be seen in every picture, and it takes little time."""
    seen = _pictures(folder)
    for graph, facts in ((OWN, recipe.enlarger), (ANY, recipe.any_enlarger)):
        if facts is not None:
            precision.quantize_convolutions(folder / f"{graph}.onnx", seen)
    for name in (graphs.TEXT, graphs.STEP):
        precision.quantize_products(folder / f"{name}.onnx")
    for name in (graphs.ENCODER, graphs.DECODER):
        precision.halve(folder / f"{name}.onnx")


def _pictures(folder: Path) -> list[precision.Feed]:
    """What the enlargers will be given: what the model draws, and parts of what they make of it."""
    engine = OnnxEngine(folder)
    engine.load()
    side = int(engine.recipe.native_area**0.5)
    briefs = [Brief(prompt=prompt, width=side, height=side) for prompt in _SEEN_WHEN_CALIBRATING]
    drawn = [engine.diffuse(engine.encode(brief), n, _unseen) for n, brief in enumerate(briefs)]
    networks = [network for model in (engine.model, None) if (network := engine.exported_enlarger(model))]
    larger = [network.enlarge(picture)[:TILE, :TILE] for network in networks for picture in drawn[:2]]
    return [{"small": picture.transpose(2, 0, 1)[None].copy()} for picture in (*drawn, *larger)]


def _unseen(_step: int, _of: int, _preview: object) -> None:
    """Nobody watches."""


def _recipe(checkpoint: Checkpoint, family: Family, networks: Mapping[str, UpscalingNetwork]) -> Recipe:
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
        frame=_frame(pipeline.tokenizer),
        schedule=_schedule(pipeline.scheduler.config),
        decoder_bytes=decoding_peak_bytes(pipeline.vae, 1, 1),
        enlargement=decoder_enlargement(pipeline.vae),
        enlarger=_facts(checkpoint.card.enlarger, networks),
        any_enlarger=_facts(UPSCALER, networks),
    )


def _facts(name: str | None, networks: Mapping[str, UpscalingNetwork]) -> EnlargerFacts | None:
    if name is None:
        return None
    return EnlargerFacts(name=name, factor=networks[name].factor, reach=networks[name].reach)


def _schedule(config: Any) -> Schedule:
    return Schedule(shift=config.shift, dynamic=config.use_dynamic_shifting, shape=config.time_shift_type)


def _frame(tokenizer: Any) -> ChatTemplate:
    """What the tokenizer's chat template lays around a prompt, as ``Flux2KleinPipeline`` asks it to."""
    before, after = _chat(tokenizer, _SAID).split(_SAID)
    return ChatTemplate(
        before=before, after=after, trimmed=_chat(tokenizer, f" {_SAID} ") == before + _SAID + after
    )


def _chat(tokenizer: Any, text: str) -> str:
    return tokenizer.apply_chat_template(
        [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True, enable_thinking=False
    )
