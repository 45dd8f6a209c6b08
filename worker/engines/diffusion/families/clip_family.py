"""Families of pipelines that draw clips."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from functions.contract.errors import UnsupportedTask
from worker.engines.diffusion import images
from worker.engines.diffusion.decoding.decoder import decoding_peak_bytes
from worker.engines.diffusion.families.family import Family, PipelineCall
from worker.engines.framing import frame_for_native
from worker.engines.protocol import Brief


class ClipFamily(Family):
    """Draws clips, and no still pictures. A latent frame stands for ``stride`` frames, the first one for one.

    ``frames_at_once``: the most frames that ``decode_frames`` decodes together.
    """

    draws_clips = True
    title: ClassVar[str]

    @property
    @abstractmethod
    def stride(self) -> int: ...

    @property
    @abstractmethod
    def frames_at_once(self) -> int: ...

    @abstractmethod
    def decode_frames(self, latents: Any) -> Iterator[Any]:
        """Yields (3, H, W) in -1..1 for each frame of (1, C, T, h, w), in order."""

    @abstractmethod
    def text_arguments(self, brief: Brief) -> dict[str, Any]:
        """Returns the embeddings of the prompt and the negative prompt, and the guidance."""

    @abstractmethod
    def image_pipeline(self) -> Any | None:
        """Returns the pipeline for clips that begin with a picture; None if the model draws none."""

    def text_pipeline(self) -> Any:
        """Returns the pipeline for clips of a prompt alone. Raises UnsupportedTask if there is none."""
        return self.pipeline

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        pipeline = self.image_pipeline() if brief.images else self.text_pipeline()
        if pipeline is None:
            raise UnsupportedTask(f"This {self.title} draws clips of a prompt alone; leave the image out.")
        drawn_fps = self.drawn_fps(brief)
        arguments: dict[str, Any] = {
            "width": width,
            "height": height,
            "num_frames": self._frames_to_draw(brief, drawn_fps),
            "num_inference_steps": self.steps(brief),
            **self.text_arguments(brief),
        }
        if brief.images:
            first = frame_for_native(brief.images[0], (brief.width, brief.height), (width, height))
            arguments["image"] = images.pil_image(first)
        return PipelineCall(pipeline, arguments, drawn_fps, brief.fps)

    def drawn_fps(self, brief: Brief) -> int:
        """Returns the frames in a second that the model draws for the brief."""
        del brief
        return self.settings.fps

    def _frames_to_draw(self, brief: Brief, drawn_fps: int) -> int:
        """Returns the least number that is enough for the clip: a multiple of ``stride``, and one."""
        most = self.settings.max_frames
        needed = -(-brief.frames * drawn_fps // brief.fps)
        drawn = -(-(needed - 1) // self.stride) * self.stride + 1
        if drawn > most:
            raise UnsupportedTask(
                f"This {self.title} draws clips of {most // drawn_fps} s at most; ask for fewer seconds."
            )
        return drawn

    def still(self, latents: Any) -> Any:
        """Returns the latents (1, C, h, w) in the middle of a clip."""
        return latents[:, :, latents.shape[2] // 2]

    def decoding_bytes(self, width: int, height: int) -> int:
        """Returns the peak of decoding the frames that are decoded together."""
        patch = self.pipeline.vae.config.get("patch_size") or 1
        return self.frames_at_once * decoding_peak_bytes(self.pipeline.vae, width // patch, height // patch)
