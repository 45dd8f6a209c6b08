"""ShieldGemma 2: a vision model that says for each of its policies how likely a picture breaks it.

Zeng et al., ShieldGemma 2: Robust and Tractable Image Content Moderation (arXiv:2504.01081). It takes any
directory with a checkpoint of transformers' ``ShieldGemma2ForImageClassification`` and its processor.
"""

from __future__ import annotations

from functools import cached_property
from math import isfinite
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import cv2
import numpy as np

from functions.contract.errors import ModelUnavailable, OutOfMemory, ScreeningRefused
from functions.policy.external_classifiers.protocol import ClassifierOutput, Content

# Our policy's names for the categories that the model was trained on.
_CATEGORIES = {"sexual": "sexual_content", "violence": "graphic_violence", "dangerous": "dangerous_acts"}


class _LoadedModel(NamedTuple):
    processor: Any
    model: Any


class ShieldGemma:
    """A classifier of pictures. ``block`` and ``review`` are the probabilities (0–1) at which it says so."""

    name = "shieldgemma"

    def __init__(
        self, directory: Path, *, device: str | None = None, block: float = 0.5, review: float = 0.3
    ) -> None:
        self._directory = directory
        self._device = device
        self._block = block
        self._review = review
        self._lock = Lock()

    def warm_up(self) -> None:
        _ = self._loaded

    def classify(self, content: Content) -> ClassifierOutput:
        """Classifies a picture. Raises OutOfMemory, ModelUnavailable and ScreeningRefused."""
        if isinstance(content, str):
            raise ScreeningRefused("ShieldGemma 2 classifies pictures: set another text classifier.")
        likely = self.probabilities(_decode_jpeg(content))
        if not all(map(isfinite, likely.values())):  # no comparison with NaN holds: it would be allowed
            raise ScreeningRefused("ShieldGemma 2 answers with no numbers: its checkpoint is broken.")
        worst = max(likely.values())
        if worst < self._review:
            return ClassifierOutput("allow")
        ruling = "block" if worst >= self._block else "review"
        least = self._block if ruling == "block" else self._review
        return ClassifierOutput(
            ruling, tuple(_CATEGORIES[name] for name, each in likely.items() if each >= least)
        )

    def probabilities(self, rgb: np.ndarray) -> dict[str, float]:
        """Returns the probability (0–1) that uint8 (H, W, 3) breaks each of the model's policies."""
        import torch

        try:
            with self._lock, torch.inference_mode():
                processor, model = self._loaded
                inputs = processor(images=[rgb], policies=list(_CATEGORIES), return_tensors="pt")
                answer = model(**inputs.to(model.device))
        except torch.cuda.OutOfMemoryError as error:
            raise OutOfMemory("There is no memory left to screen the picture in.") from error
        return dict(zip(_CATEGORIES, answer.probabilities[:, 0].float().tolist(), strict=True))

    @cached_property
    def _loaded(self) -> _LoadedModel:
        """The model, loaded on first use: from safetensors only, without pickles or the model's own code."""
        import torch
        from transformers import ShieldGemma2ForImageClassification, ShieldGemma2Processor

        device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
        dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
        try:
            processor = ShieldGemma2Processor.from_pretrained(self._directory, local_files_only=True)
            model: Any = ShieldGemma2ForImageClassification.from_pretrained(
                self._directory, local_files_only=True, use_safetensors=True, dtype=dtype
            )
            return _LoadedModel(processor, model.to(device).eval())
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelUnavailable(
                f"ShieldGemma 2 cannot be loaded from {self._directory} on {device}: {type(error).__name__}."
            ) from error


def _decode_jpeg(jpeg: bytes) -> np.ndarray:
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ScreeningRefused("The picture to screen is no JPEG.")
    return np.ascontiguousarray(bgr[..., ::-1])
