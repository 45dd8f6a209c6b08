"""Wan 2.1 and 2.2: clips of a prompt, and of a picture and a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diffusers.models.autoencoders.autoencoder_kl_wan import WanCausalConv3d, unpatchify
from diffusers.pipelines.wan.pipeline_wan import WanPipeline
from diffusers.pipelines.wan.pipeline_wan_i2v import WanImageToVideoPipeline

from functions.contract.errors import UnsupportedTask
from worker.engines.diffusion.card import ModelCard, ModelDefaults
from worker.engines.diffusion.families.clip_family import ClipFamily
from worker.engines.diffusion.families.family import refuse_negative_prompt, without_progress_bar
from worker.engines.diffusion.families.latents import undo_channel_statistics
from worker.engines.protocol import Brief

_MULTIPLE = 16  # px, which the pipelines check


class Wan(ClipFamily):
    """https://huggingface.co/papers/2503.20314

    Version 2.2's model of 5 billion parameters (TI2V) has a noise level for each frame, so that the first one
    may be given. The others of this class draw clips of a prompt alone.
    """

    title = "Wan"

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        super().__init__(pipeline, card)
        self._image = self._build_image_pipeline()
        # The pipeline for pictures reads prompts with ftfy alone, which the one for prompts does without.
        of_pictures = ("image_encoder", "image_processor")
        parts = {name: part for name, part in pipeline.components.items() if name not in of_pictures}
        self._reader = WanPipeline(**parts)

    @property
    def reader(self) -> Any:
        return self._reader

    def _build_image_pipeline(self) -> Any | None:
        config = self.pipeline.config
        if not config.expand_timesteps:
            return None
        options: dict[str, Any] = {"boundary_ratio": config.boundary_ratio, "expand_timesteps": True}
        return without_progress_bar(WanImageToVideoPipeline(**self.pipeline.components, **options))

    def defaults(self) -> ModelDefaults:
        pipeline = self.pipeline
        is_newest = pipeline.config.expand_timesteps
        patch = (pipeline.transformer or pipeline.transformer_2).config.patch_size[1]
        return ModelDefaults(
            native_area=1280 * 704 if is_newest else 832 * 480,
            size_multiple=max(_MULTIPLE, pipeline.vae_scale_factor_spatial * patch),
            max_native_side=1280,
            steps=50,
            guidance=5.0,
            max_sequence_length=512,
            fps=24 if is_newest else 16,
            max_frames=121 if is_newest else 81,
        )

    @property
    def stride(self) -> int:
        return self.pipeline.vae_scale_factor_temporal

    @property
    def frames_at_once(self) -> int:
        return self.stride

    def image_pipeline(self) -> Any | None:
        return self._image

    def text_arguments(self, brief: Brief) -> dict[str, Any]:
        """Returns (1, tokens, width) for the prompt, and for the negative prompt where there is guidance."""
        guidance = self.guidance(brief)
        if guidance <= 1:
            refuse_negative_prompt(brief)
        embeds, negative = self.encode_prompt(
            brief.prompt,
            brief.negative_prompt,
            do_classifier_free_guidance=guidance > 1,
            max_sequence_length=self.settings.max_sequence_length,
        )
        return {"prompt_embeds": embeds, "negative_prompt_embeds": negative, "guidance_scale": guidance}

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Returns (1, C, T, h, w) with each channel's statistics put back."""
        del width, height  # the latents are never packed
        return undo_channel_statistics(self.pipeline.vae, latents)

    def decode_frames(self, latents: Any) -> Iterator[Any]:
        """Decodes one latent frame after the other. The decoder is causal: it keeps what the next one needs.

        This is the loop of ``AutoencoderKLWan.decode``, which keeps all frames.
        """
        vae = self.pipeline.vae
        cache: list[Any] = [None] * sum(isinstance(each, WanCausalConv3d) for each in vae.decoder.modules())
        prepared = vae.post_quant_conv(latents)
        for n in range(prepared.shape[2]):
            frames = vae.decoder(
                prepared[:, :, n : n + 1], feat_cache=cache, feat_idx=[0], first_chunk=n == 0
            )
            if vae.config.patch_size is not None:
                frames = unpatchify(frames, patch_size=vae.config.patch_size)
            yield from frames.clamp(-1, 1)[0].unbind(1)


class WanImage(Wan):
    """Wan's models that draw clips of a picture and a prompt."""

    title = "Wan"
    needs_image = True

    def _build_image_pipeline(self) -> Any | None:
        return self.pipeline

    def text_pipeline(self) -> Any:
        raise UnsupportedTask("This Wan begins a clip with a picture; send one, or name another model.")
