"""A family of pipelines, as the engine uses it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.contract.errors import ModelUnavailable, UnsupportedTask
from worker.engines.diffusion.card import ModelCard, ModelDefaults
from worker.engines.diffusion.prompt_embeddings import PromptEmbeddings
from worker.engines.diffusion.prompt_length import unread_end
from worker.engines.native_size import NativeSizes
from worker.engines.protocol import Brief


@dataclass(frozen=True)
class PipelineCall:
    """A pipeline, and its arguments beside the seed's generator and the callback.

    Of a clip, ``drawn_fps`` and ``fps`` are the frames in a second that are drawn and that are wanted.
    """

    pipeline: Any
    arguments: dict[str, Any]
    drawn_fps: int = 0
    fps: int = 0

    @property
    def steps(self) -> int:
        return self.arguments["num_inference_steps"]


class Family(ABC):
    """A loaded pipeline, with its siblings for other tasks, built from the same components."""

    writes: bool | None = None  # whether its models can write words that are asked for; None: not known
    follows_instructions = False  # True if a prompt that comes with an image says what to change in it
    needs_image = False  # True if it draws nothing from text alone
    draws_clips = False  # True for a ``ClipFamily``, which draws nothing else
    images_share_passes = False  # True if pictures drawn from images of their own may share a pass
    prompt_padding = 1  # tokens to whose multiple the transformer pads prompts that come in a list

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        self.pipeline = without_progress_bar(pipeline)
        self._embeddings = PromptEmbeddings()
        defaults = self.defaults()
        self.settings = defaults.overridden_by(card)
        if self.settings.size_multiple % defaults.size_multiple:
            raise ModelUnavailable(
                f"plantain.json gives size_multiple {self.settings.size_multiple}; this pipeline needs a "
                f"multiple of {defaults.size_multiple}."
            )

    @classmethod
    def load_parts(cls, directory: Path) -> dict[str, Any]:
        """Returns components that diffusers cannot load here as it usually does, by name."""
        del directory  # most families have none
        return {}

    @property
    def device(self) -> Any:
        """The torch device of the weights."""
        return next(self.pipeline.vae.parameters()).device

    @property
    def sizes(self) -> NativeSizes:
        settings = self.settings
        return NativeSizes(settings.native_area, settings.size_multiple, settings.max_native_side)

    @abstractmethod
    def defaults(self) -> ModelDefaults:
        """Returns the values that a model of this family uses if its card has none."""

    @abstractmethod
    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        """Encodes the prompt and prepares the images for a picture of this native size.

        Raises UnsupportedTask for what no pipeline of the family does.
        """

    @property
    def reader(self) -> Any:
        """The pipeline that encodes prompts."""
        return self.pipeline

    def encode_prompt(self, *arguments: Any, **named: Any) -> Any:
        """Returns what the reader's ``encode_prompt`` does, and keeps it. No argument may be a picture."""
        key = repr((arguments, named))
        return self._embeddings.find(key, lambda: self.reader.encode_prompt(*arguments, **named))

    def unread_prompt(self, prompt: str) -> str | None:
        """Returns the end of the prompt that is too long for the text encoder; None if all of it is read."""
        names = ("tokenizer_3", "tokenizer_2", "tokenizer")  # the one that reads most comes last in diffusers
        tokenizer = next(filter(None, (getattr(self.pipeline, name, None) for name in names)), None)
        limit = self.settings.max_sequence_length or getattr(tokenizer, "model_max_length", 0)
        return unread_end(tokenizer, prompt, limit)

    @abstractmethod
    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Returns the latents of a denoising step as the decoder takes them: (1, C, h, w), or (1, C, T, h, w)
        of a clip.
        """

    def still(self, latents: Any) -> Any:
        """Returns unpacked latents as a picture's, (1, C, h, w), for a preview."""
        return latents

    def decoding_bytes(self, width: int, height: int) -> int:
        """Returns the bytes that decoding takes at its peak, at this native size: at most in tiles."""
        from worker.engines.diffusion.decoding.decoder import LEAST_TILE, decoding_peak_bytes

        vae = self.pipeline.vae
        least = decoding_peak_bytes(vae, LEAST_TILE, LEAST_TILE)
        return min(decoding_peak_bytes(vae, width, height), least)

    def unpack_output(self, latents: Any, width: int, height: int) -> Any:
        """Returns the same for the pipeline's latent output."""
        return self.unpack(latents, width, height)

    def steps(self, brief: Brief) -> int:
        """Returns the requested or usual number of steps."""
        return brief.steps or self.settings.steps

    def guidance(self, brief: Brief) -> float:
        """Returns the requested or usual guidance."""
        return self.settings.guidance if brief.guidance is None else brief.guidance


def without_progress_bar(pipeline: Any) -> Any:
    """Returns the pipeline, its progress bar switched off: progress is reported step by step."""
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def refuse_negative_prompt(brief: Brief) -> None:
    """Raises UnsupportedTask for a negative prompt, which needs guidance."""
    if brief.negative_prompt:
        raise UnsupportedTask(
            "Without guidance this model takes no negative prompt; say in the prompt what should be there "
            "instead, or ask for a guidance above 1 where the model allows it."
        )


def refuse_references(brief: Brief, family: str) -> None:
    """Raises UnsupportedTask for images beside the one to change."""
    if len(brief.images) > 1:
        raise UnsupportedTask(f"{family} takes no reference images; send only the image to change.")


def refuse_region(brief: Brief, family: str) -> None:
    """Raises UnsupportedTask for a change of a region."""
    if brief.mask is not None:
        raise UnsupportedTask(f"{family} cannot change a region alone; send the image without one.")


def refuse_strength(brief: Brief, family: str) -> None:
    """Raises UnsupportedTask for a strength, which a model that follows instructions does not have."""
    if brief.strength is not None:
        raise UnsupportedTask(f"{family} takes no strength; say in the prompt how much should change.")


def refuse_images(brief: Brief, family: str) -> None:
    """Raises UnsupportedTask for every image."""
    if brief.images:
        raise UnsupportedTask(f"{family} draws from text alone; name another model to change an image.")
