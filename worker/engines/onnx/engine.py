"""The engine that draws with exported graphs: the steps of Flux2KleinPipeline in numpy and onnxruntime."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions.contract.errors import EngineFailed, ModelUnavailable, UnsupportedTask
from worker.engines.framing import fit_conditions
from worker.engines.native_size import NativeSizes
from worker.engines.onnx.enlarge import OnnxEnlarger
from worker.engines.onnx.noise import draw_normal
from worker.engines.onnx.prompt import PromptTokenizer
from worker.engines.onnx.recipe import ANY, Recipe
from worker.engines.onnx.schedule import compute_sigmas
from worker.engines.onnx.sessions import Array, OnnxSessions
from worker.engines.protocol import Brief, Domain, Encoded, OnStep, Picture

PositionIds = NDArray[np.int64]

_REFERENCE_TIME = 10  # the first reference's place on the time axis; the next one is at 20, …
_TRAIN_STEPS = np.float32(1_000)
_WARM_UP_STEPS = 1
_BYTES_PER_PIXEL = 3 * 4


@dataclass(frozen=True)
class _Conditions:
    """A brief made ready for the graphs."""

    text: Array  # (1 or 2, tokens, width): the prompt, and under guidance the negative prompt
    references: Array  # (1, reference tokens, channels)
    places: PositionIds  # (reference tokens, 4)
    steps: int
    guidance: float


class OnnxEngine:
    """Draws with the files of ``python -m training.onnx_export``; ``threads`` None is one for each core."""

    name = "onnx"
    follows_instructions = True

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads
        self._recipe: Recipe | None = None
        self.model, self.revision = str(folder), ""
        self.enlargers: tuple[str, ...] = ()
        self.domain: Domain | None = None
        self.writes: bool | None = None

    def load(self) -> None:
        """Reads the recipe and the tokenizer. Each graph is opened when it is first run."""
        self._recipe = recipe = Recipe.read(self._folder)
        self._reader = PromptTokenizer(self._folder, recipe)
        self._sessions = OnnxSessions(self._folder, self._threads)
        self.model, self.revision = recipe.model, f"{recipe.revision}-onnx-{recipe.precision}"
        self.enlargers = tuple(facts.name for facts in recipe.own_enlargers.values())
        self.domain = recipe.domain
        self.writes = recipe.writes

    def warm_up(self) -> None:
        """Draws one step at the largest square."""
        side = int(self.recipe.native_area**0.5)
        encoded = self.encode(Brief(prompt="warm-up", width=side, height=side, steps=_WARM_UP_STEPS))
        self.diffuse(encoded, seed=0, on_step=lambda _step, _of, _preview: None)

    @property
    def recipe(self) -> Recipe:
        """The recipe. Raises ModelUnavailable before ``load``."""
        if self._recipe is None:
            raise ModelUnavailable(f"The model in {self._folder} is not loaded yet.")
        return self._recipe

    @property
    def sizes(self) -> NativeSizes:
        recipe = self.recipe
        return NativeSizes(recipe.native_area, recipe.size_multiple, recipe.max_native_side)

    def exported_enlargers(self, model: str | None) -> tuple[OnnxEnlarger, ...]:
        """Returns the exported networks for this model's drawings, or, for None, for any picture."""
        other = self.recipe.any_enlarger
        graphs = self.recipe.own_enlargers if model else {ANY: other} if other else {}
        return tuple(OnnxEnlarger(graph, facts, self._sessions) for graph, facts in graphs.items())

    def native_size(self, width: int, height: int) -> tuple[int, int]:
        """Returns the largest size that model and target allow, in the shape nearest to the target's."""
        return self.sizes.fit(width, height)

    def estimate_bytes(self, width: int, height: int, count: int) -> int:
        """Returns the bytes of the decoder's peak and of the pictures, which are drawn one by one."""
        native_width, native_height = self.native_size(width, height)
        picture = _BYTES_PER_PIXEL * self.recipe.enlargement**2
        return native_width * native_height * (self.recipe.decoder_bytes + count * picture)

    def encode(self, brief: Brief) -> Encoded:
        """Encodes the prompt and the images. Raises UnsupportedTask for regions, and for a negative prompt
        without guidance.
        """
        if brief.mask is not None or brief.strength is not None:
            raise UnsupportedTask(
                "This model was exported without edits of a region: describe the edit instead."
            )
        recipe, guidance = self.recipe, self._guidance(brief)
        guided = guidance > 1
        if brief.negative_prompt and not guided:
            raise UnsupportedTask("Without guidance this model takes no negative prompt.")
        width, height = self.native_size(brief.width, brief.height)
        seen = [
            self._encode_picture(picture) for picture in fit_conditions(brief, (width, height), self.sizes)
        ]
        prompts = [brief.prompt, brief.negative_prompt or ""] if guided else [brief.prompt]
        ids, mask = self._reader.tokenize(prompts)
        text = self._sessions.run("text", ids=ids, mask=mask)
        none = np.empty((1, 0, recipe.channels), np.float32)
        references = np.concatenate([none, *map(_as_tokens, seen)], axis=1)
        places = [_position_ids(_REFERENCE_TIME * (n + 1), *each.shape[2:]) for n, each in enumerate(seen)]
        laid = np.concatenate([np.empty((0, 4), np.int64), *places])
        conditions = _Conditions(text, references, laid, brief.steps or recipe.steps, guidance)
        return Encoded(width, height, conditions, self._reader.unread_end(brief.prompt))

    def _guidance(self, brief: Brief) -> float:
        """Returns 1 for a distilled model, which has its guidance in its weights."""
        wanted = self.recipe.guidance if brief.guidance is None else brief.guidance
        return 1.0 if self.recipe.distilled else wanted

    def _encode_picture(self, picture: Picture) -> Array:
        """Returns (1, channels, h, w) of the picture in 8 bits, as pipelines take it."""
        levels = np.rint(picture * 255).astype(np.float32) / 255
        pixels = np.ascontiguousarray(levels.transpose(2, 0, 1)[None])
        return self._sessions.run("encoder", picture=pixels)

    def diffuse(self, encoded: Encoded, seed: int, on_step: OnStep) -> Picture:
        """Draws a picture (H, W, 3) from the noise that torch would draw for the seed."""
        asked, recipe = encoded.conditions, self.recipe
        if not isinstance(asked, _Conditions):
            raise TypeError("encoded by another engine")
        rows, columns = encoded.height // recipe.size_multiple, encoded.width // recipe.size_multiple
        latents = _as_tokens(draw_normal((1, recipe.channels, rows, columns), seed))
        places = np.concatenate([_position_ids(0, rows, columns), asked.places])
        levels = compute_sigmas(recipe.schedule, asked.steps, rows * columns)
        on_step(0, asked.steps, None)
        for done, (sigma, following) in enumerate(pairwise(levels), start=1):
            velocity = self._velocity(latents, sigma, places, asked)
            latents = np.asarray(latents + (following - sigma) * velocity, np.float32)
            on_step(done, asked.steps, None)
        return self._decode(latents.transpose(0, 2, 1).reshape(1, recipe.channels, rows, columns))

    def _velocity(self, latents: Array, sigma: np.float32, places: PositionIds, asked: _Conditions) -> Array:
        """Returns the velocity of the picture's own tokens, under guidance away from the negative prompt."""
        batch, tokens = len(asked.text), latents.shape[1]
        velocity = self._sessions.run(
            "step",
            tokens=np.repeat(np.concatenate([latents, asked.references], axis=1), batch, axis=0),
            text=asked.text,
            # Multiplied and divided in single precision, as the pipeline does it.
            sigma=np.full(batch, sigma * _TRAIN_STEPS / _TRAIN_STEPS, np.float32),
            places=places,
            text_places=_text_position_ids(asked.text.shape[1]),
        )[:, :tokens]
        if batch == 1:
            return velocity
        wanted, unwanted = velocity[:1], velocity[1:]
        return np.asarray(unwanted + asked.guidance * (wanted - unwanted), np.float32)

    def _decode(self, latents: Array) -> Picture:
        picture = self._sessions.run("decoder", latents=np.ascontiguousarray(latents))[0]
        if not bool(np.isfinite(picture).all()):
            raise EngineFailed("The model drew values that are not numbers; export it in another precision.")
        return np.ascontiguousarray(picture.transpose(1, 2, 0))


def _as_tokens(latents: Array) -> Array:
    """Returns (1, channels, h, w) as tokens (1, h·w, channels)."""
    return latents.reshape(*latents.shape[:2], -1).transpose(0, 2, 1)


def _position_ids(time: int, rows: int, columns: int) -> PositionIds:
    """Returns (rows · columns, 4): time, row, column and zero."""
    down, across = np.divmod(np.arange(rows * columns), columns)
    zero = np.zeros_like(down)
    return np.stack([zero + time, down, across, zero], axis=1).astype(np.int64)


def _text_position_ids(tokens: int) -> PositionIds:
    """Returns (tokens, 4): zeros, and the token's number."""
    places = np.zeros((tokens, 4), np.int64)
    places[:, 3] = np.arange(tokens)
    return places
