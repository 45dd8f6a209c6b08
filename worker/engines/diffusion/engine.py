"""The engine for diffusers checkpoints of a known family."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.contract.errors import ModelUnavailable, OutOfMemory, PlantainError, UnsupportedTask
from worker.cold_start.start_parts import StartParts
from worker.engines.diffusion.checkpoint import find_checkpoint
from worker.engines.diffusion.families.family import Family, PipelineCall
from worker.engines.pass_limits import PassLimits
from worker.engines.protocol import Brief, Clip, Domain, Encoded, OnStep, Picture
from worker.engines.shared_pass import PassAbandoned, PassDrawing, PassSteps

if TYPE_CHECKING:
    from worker.engines.diffusion.acceleration.compiled_blocks import Compilation
    from worker.engines.diffusion.decoding.linear_preview import LinearPreview

DEFAULT_CACHE = Path.home() / ".cache" / "plantain" / "models"
DEFAULT_COMPILED = DEFAULT_CACHE.parent / "compiled"
_WARM_UP_STEPS, _WARM_UP_FRAMES = 2, 9
_BYTES_PER_PIXEL = 3 * 4


class DiffusersEngine:
    """Draws with one checkpoint.

    ``source`` is a directory, a ``gs://`` prefix or a hub id with its commit; ``cache`` keeps downloads.
    ``device`` is as torch names it; None is CUDA if there is a device, and else the CPU. ``dtype`` None is
    the model card's, or else bfloat16 on CUDA and float32 on the CPU. It may also be int8, or fp8 on CUDA.
    ``compilation`` is of the denoiser's blocks; what is compiled is kept in ``compiled``.
    ``start`` measures how long what of the loading takes.
    """

    name = "diffusers"

    def __init__(
        self,
        source: str | Path,
        *,
        cache: Path = DEFAULT_CACHE,
        device: str | None = None,
        dtype: str | None = None,
        compilation: Compilation = "off",
        compiled: Path = DEFAULT_COMPILED,
        start: StartParts | None = None,
    ) -> None:
        self._source = str(source)
        self._cache = cache
        self._device = device
        self._dtype = dtype
        self._compilation: Compilation = compilation
        self._compiled = compiled
        self._start = start or StartParts("load")
        self._family: Family | None = None
        self._is_compiled = False
        self._pass_limits = PassLimits()
        self._room: dict[Hashable, int] = {}  # passes that were too large for the memory, halved
        self.model = self._source
        self.revision = ""
        self.enlargers: tuple[str, ...] = ()
        self.domain: Domain | None = None
        self.writes: bool | None = None
        self.follows_instructions = False

    def load(self) -> None:
        """Fetches the checkpoint and puts it on the device. Sets ``model`` and ``revision``.

        Raises ModelUnavailable for a source that cannot be reached, files that cannot be read, a pipeline
        of no known family, and weights that the device has no room for.
        """
        with self._start.measure("imports"):
            from worker.engines.diffusion.acceleration.accelerate import accelerate
            from worker.engines.diffusion.loading import load_family

        with self._start.measure("download"):
            checkpoint = find_checkpoint(self._source, self._cache)
        with self._start.measure("load"):
            self._family = load_family(checkpoint, self._device, self._dtype, self._start)
            self._is_compiled = accelerate(self._family.pipeline, self._compilation, self._compiled)
        self.model, self.revision = checkpoint.model, checkpoint.revision
        self.enlargers = checkpoint.card.enlargers
        self.domain = checkpoint.card.domain
        stated = checkpoint.card.writes
        self.writes = self._family.writes if stated is None else stated
        self.follows_instructions = self._family.follows_instructions

    def warm_up(self) -> None:
        """Fits the previews, and draws two steps at the largest square.

        Compiled blocks get a second shape, for which torch compiles them for any shape.
        """
        _ = self._linear_preview
        side = int(self._loaded.settings.native_area**0.5)
        self._draw_grey(side, side)
        if self._is_compiled:
            self._draw_grey(*self.native_size(3 * side, 2 * side))

    def _draw_grey(self, width: int, height: int) -> None:
        grey = np.full((height, width, 3), 0.5, np.float32)
        images = (grey,) if self._loaded.needs_image else ()
        brief = Brief(prompt="warm-up", width=width, height=height, images=images, steps=_WARM_UP_STEPS)
        if self._loaded.draws_clips:
            brief = replace(brief, frames=_WARM_UP_FRAMES, fps=self._loaded.settings.fps)
            clip = self.animate(self.encode(brief), seed=0, on_step=lambda _step, _of, _preview: None)
            deque(clip.frames(), maxlen=0)
        else:
            self.diffuse(self.encode(brief), seed=0, on_step=lambda _step, _of, _preview: None)

    def native_size(self, width: int, height: int) -> tuple[int, int]:
        """Returns the largest size that model and target allow, in the shape nearest to the target's."""
        return self._loaded.sizes.fit(width, height)

    def estimate_bytes(self, width: int, height: int, count: int) -> int:
        """Returns the bytes of the decoder's peak, which is above the denoiser's, and of the pictures.

        The decoder's is at most that of the least tile: where memory is short, it decodes in tiles.
        """
        from worker.engines.diffusion.decoding.decoder import decoder_enlargement

        vae = self._loaded.pipeline.vae
        native_width, native_height = self.native_size(width, height)
        pictures = count * native_width * native_height * decoder_enlargement(vae) ** 2 * _BYTES_PER_PIXEL
        return self._loaded.decoding_bytes(native_width, native_height) + pictures

    def encode(self, brief: Brief) -> Encoded:
        """Encodes the prompt once, and fits the images to the sizes that the model takes."""
        import torch

        from worker.engines.diffusion.failures import typed_failures

        if bool(brief.frames) != self._loaded.draws_clips:
            draws = "clips alone" if self._loaded.draws_clips else "no clips"
            raise UnsupportedTask(f"This model draws {draws}; name another one.")
        width, height = self.native_size(brief.width, brief.height)
        with torch.no_grad(), typed_failures():
            call = self._loaded.call(brief, width, height)
            unread = self._loaded.unread_prompt(brief.prompt)
            return Encoded(width, height, call, unread, brief.frames, brief.bit_depth)

    def diffuse(self, encoded: Encoded, seed: int, on_step: OnStep) -> Picture:
        """Denoises and decodes one picture. Its noise is drawn on the CPU, the same for every device."""
        (drawn,) = self.diffuse_together([PassDrawing(encoded, seed, on_step)])
        if isinstance(drawn, PlantainError):
            raise drawn
        return drawn

    def diffuse_together(self, drawings: Sequence[PassDrawing]) -> list[Picture | PlantainError]:
        """Denoises pictures in one pass, each from its own generator, and decodes them one by one."""
        from worker.engines.diffusion.failures import typed_failures

        steps = PassSteps(drawings)
        latents: Any = None
        try:
            with typed_failures():
                latents = self._denoise(drawings, steps)
        except PassAbandoned:
            pass  # every outcome is an error then
        except OutOfMemory:
            self._room[_place(drawings[0].encoded)] = max(1, len(drawings) // 2)
            raise
        return steps.finish(lambda n: self._decode(latents[n : n + 1], drawings[n].encoded))

    def profile_passes(self, most: int) -> PassLimits:
        """Measures passes at the largest square and at half its side. On a CPU pictures are drawn alone.

        There the products of another number of rows end in other bits, and the processors are busy anyway.
        """
        from worker.engines.diffusion.pass_profile import profile_family

        if most > 1 and not self._loaded.draws_clips:
            self._pass_limits = profile_family(self, self._loaded, most)
        return self._pass_limits

    def pass_key(self, encoded: Encoded) -> Hashable:
        """Returns the size and what the calls of one pipeline must have in common."""
        from worker.engines.diffusion.merging import call_key

        return encoded.width, encoded.height, call_key(_call_of(encoded), self._loaded.prompt_padding)

    def pass_limit(self, encoded: Encoded) -> int:
        """Counts each image that the model sees beside the picture as a picture of that size."""
        from worker.engines.diffusion.pass_profile import free_device_bytes

        seen = _call_of(encoded).arguments.get("image")
        pixels = encoded.width * encoded.height * (1 + (len(seen) if isinstance(seen, list) else 0))
        found = self._pass_limits.limit(pixels, free_device_bytes(self._loaded))
        return min(found, self._room.get(_place(encoded), found))

    def animate(self, encoded: Encoded, seed: int, on_step: OnStep) -> Clip:
        """Denoises a clip, and keeps its latents: frames are decoded when they are taken."""
        from worker.engines.diffusion.decoding.latent_clip import LatentClip
        from worker.engines.diffusion.failures import typed_failures
        from worker.engines.diffusion.families.clip_family import ClipFamily

        family, call = self._loaded, _call_of(encoded)
        if not isinstance(family, ClipFamily):
            raise UnsupportedTask("This model draws no clips; name another one.")
        drawing = PassDrawing(encoded, seed, on_step)
        steps = PassSteps([drawing])
        try:
            with typed_failures():
                latents = self._denoise([drawing], steps)
                unpacked = family.unpack_output(latents, encoded.width, encoded.height)
        except PassAbandoned:
            raise steps.errors[0] from None
        return LatentClip(family, unpacked, encoded.frames, call.fps, call.drawn_fps)

    def _decode(self, latents: Any, encoded: Encoded) -> Picture:
        """Returns the picture of one row of the pipeline's latents."""
        from worker.engines.diffusion.decoding.decoder import decode_latents
        from worker.engines.diffusion.device_memory import free_bytes
        from worker.engines.diffusion.failures import typed_failures

        with typed_failures():
            unpacked = self._loaded.unpack_output(latents, encoded.width, encoded.height)
            budget = free_bytes(unpacked.device)
            return decode_latents(self._loaded.pipeline.vae, unpacked, encoded.bit_depth, budget)

    def _denoise(self, drawings: Sequence[PassDrawing], steps: PassSteps) -> Any:
        """Returns the pipeline's latents, with a row for each drawing. Raises PassAbandoned."""
        import torch

        from worker.engines.diffusion.acceleration.attention import fastest_attention
        from worker.engines.diffusion.merging import merge_arguments
        from worker.engines.diffusion.steps import StepCallback

        family, size = self._loaded, drawings[0].encoded
        calls = [_call_of(each.encoded) for each in drawings]

        def preview(latents: Any) -> Picture:
            unpacked = family.unpack(latents, size.width, size.height)
            return self._linear_preview.draw(family.still(unpacked))

        steps.report(0, calls[0].steps, None)
        with fastest_attention(family.device):
            return calls[0].pipeline(
                **merge_arguments(calls),
                generator=[torch.Generator("cpu").manual_seed(each.seed) for each in drawings],
                output_type="latent",
                callback_on_step_end=StepCallback(steps.report, preview),
            )[0]

    @cached_property
    def _linear_preview(self) -> LinearPreview:
        from worker.engines.diffusion.decoding.linear_preview import LinearPreview

        return LinearPreview.fit(self._loaded.pipeline.vae)

    @property
    def _loaded(self) -> Family:
        if self._family is None:
            raise ModelUnavailable(f"The model {self.model} is not loaded yet.")
        return self._family


def _call_of(encoded: Encoded) -> PipelineCall:
    if not isinstance(encoded.conditions, PipelineCall):
        raise TypeError("encoded by another engine")
    return encoded.conditions


def _place(encoded: Encoded) -> Hashable:
    """Returns what the memory of a picture depends on: its size and its pipeline."""
    return encoded.width, encoded.height, id(_call_of(encoded).pipeline)
