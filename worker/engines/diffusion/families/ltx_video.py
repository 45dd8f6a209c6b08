"""LTX-Video: clips of a prompt, and of a picture and a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from diffusers.pipelines.ltx.pipeline_ltx_image2video import LTXImageToVideoPipeline

from worker.engines.diffusion.card import ModelCard, ModelDefaults
from worker.engines.diffusion.decoding.decoder import decode_video
from worker.engines.diffusion.families.clip_family import ClipFamily
from worker.engines.diffusion.families.family import refuse_negative_prompt, without_progress_bar
from worker.engines.protocol import Brief

_MULTIPLE = 32  # px, which the pipelines check
_RUN, _BESIDE = 3, 2  # latent frames that are decoded together, and their neighbours on each side
_DECODER_NOISE = (
    0.025  # of the latents, for decoders that remove the last noise themselves, as their cards say
)
_NATIVE_FPS = (24, 30)  # it takes the frame rate as a condition


class LTXVideo(ClipFamily):
    """https://huggingface.co/papers/2501.00103"""

    title = "LTX-Video"

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        super().__init__(pipeline, card)
        self._image = without_progress_bar(LTXImageToVideoPipeline(**pipeline.components))

    def defaults(self) -> ModelDefaults:
        pipeline = self.pipeline
        return ModelDefaults(
            native_area=1216 * 704,
            size_multiple=max(
                _MULTIPLE, pipeline.vae_spatial_compression_ratio * pipeline.transformer_spatial_patch_size
            ),
            max_native_side=1280,
            steps=50,
            guidance=3.0,
            max_sequence_length=128,
            fps=_NATIVE_FPS[0],
            max_frames=257,
        )

    @property
    def stride(self) -> int:
        return self.pipeline.vae_temporal_compression_ratio

    @property
    def frames_at_once(self) -> int:
        return (_RUN + 2 * _BESIDE) * self.stride

    def image_pipeline(self) -> Any | None:
        return self._image

    def drawn_fps(self, brief: Brief) -> int:
        return brief.fps if brief.fps in _NATIVE_FPS else self.settings.fps

    def text_arguments(self, brief: Brief) -> dict[str, Any]:
        """Returns (1, tokens, width) with masks for both prompts, the guidance and the frame rate."""
        guidance = self.guidance(brief)
        if guidance <= 1:
            refuse_negative_prompt(brief)
        embeds, mask, negative, negative_mask = self.encode_prompt(
            brief.prompt,
            brief.negative_prompt,
            do_classifier_free_guidance=guidance > 1,
            max_sequence_length=self.settings.max_sequence_length,
        )
        return {
            "prompt_embeds": embeds,
            "prompt_attention_mask": mask,
            "negative_prompt_embeds": negative,
            "negative_prompt_attention_mask": negative_mask,
            "guidance_scale": guidance,
            "frame_rate": self.drawn_fps(brief),
        }

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Turns (1, tokens, C) into (1, C, T, h, w), and puts each channel's statistics back."""
        pipeline, vae = self.pipeline, self.pipeline.vae
        down, across = (side // pipeline.vae_spatial_compression_ratio for side in (height, width))
        patches = pipeline.transformer_spatial_patch_size, pipeline.transformer_temporal_patch_size
        tokens_of_a_frame = down * across // (patches[0] ** 2 * patches[1])
        count = latents.shape[1] // tokens_of_a_frame
        # Both are static methods of the pipeline without a public name.
        unpacked = type(pipeline)._unpack_latents(latents, count, down, across, *patches)
        return type(pipeline)._denormalize_latents(
            unpacked, vae.latents_mean, vae.latents_std, vae.config.scaling_factor
        )

    def decode_frames(self, latents: Any) -> Iterator[Any]:
        """Decodes runs of latent frames. The decoder looks ahead: neighbours are decoded too, and dropped."""
        if self.pipeline.vae.config.timestep_conditioning:
            noise = torch.randn(latents.shape, generator=torch.Generator("cpu").manual_seed(0)).to(latents)
            latents = latents + _DECODER_NOISE * (noise - latents)
        total, stride = latents.shape[2], self.stride
        for begin in range(0, total, _RUN):
            first, end = max(0, begin - _BESIDE), min(total, begin + _RUN)
            frames = decode_video(self.pipeline.vae, latents[:, :, first : end + _BESIDE])[0].unbind(1)
            # Latent frame n ends with frame n·stride; what is decoded begins with frame first·stride.
            wanted = range(1 + (begin - 1) * stride if begin else 0, (end - 1) * stride + 1)
            yield from (frames[n - first * stride] for n in wanted)
