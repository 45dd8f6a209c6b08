"""A deterministic engine without a model, for testing everything around an engine, failures included."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from functions.contract.errors import (
    EngineFailed,
    ImageBlocked,
    ModelUnavailable,
    OutOfMemory,
    PlantainError,
    UnsupportedTask,
)
from worker.engines.mock_script import MockScript
from worker.engines.native_size import NativeSizes
from worker.engines.pass_limits import PassLimits, Trial, profile_sizes
from worker.engines.protocol import Brief, Clip, Domain, Encoded, Mask, OnStep, Picture
from worker.engines.shared_pass import PassAbandoned, PassDrawing, PassSteps

_SIDE = 64
NATIVE = NativeSizes(area=_SIDE * _SIDE, multiple=8, side=160)
SLICE_SECONDS = 0.05  # the longest time in which a waiting mock does not notice a cancellation


class MockEngine:
    """Draws gradients and shapes from a hash of the brief, and clips of them, as the job's labels script it.

    ``mock.seconds``: the duration of ``diffuse``, spread over ``mock.steps`` (default 4) steps.
    ``mock.fail``: ``transient``, ``permanent``, ``out_of_memory``, ``blocked``, ``crash`` (the process ends)
    or ``hang`` (nothing happens any more). ``mock.fail_attempts``: only the first n attempts fail. The worker
    gives the attempt's number as ``mock.attempt``.

    A pass takes ``pass_seconds``, and for each of its pictures ``picture_seconds`` or those of the label.
    More pictures than ``room`` in one pass are out of memory.
    """

    name = "mock"
    model = "mock"
    revision = "1"
    enlargers: tuple[str, ...] = ()
    domain: Domain | None = None
    writes: bool | None = False
    follows_instructions = True

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        *,
        pass_seconds: float = 0.0,
        picture_seconds: float = 0.0,
        room: int | None = None,
    ) -> None:
        self._sleep = sleep
        self._pass_seconds = pass_seconds
        self._picture_seconds = picture_seconds
        self._room = room
        self._pass_limits = PassLimits()

    @classmethod
    def from_source(cls, source: str) -> MockEngine:
        """Returns the engine of ``mock``, or ``mock:1.8+0.2``: seconds of a pass, and of each picture in it.

        Raises ModelUnavailable.
        """
        _, _, seconds = source.partition(":")
        try:
            numbers = [float(each) for each in seconds.split("+")] if seconds else [0.0, 0.0]
        except ValueError:
            numbers = []
        if len(numbers) != 2 or not all(0 <= each < float("inf") for each in numbers):
            raise ModelUnavailable(
                f"{source}: say mock, or mock:1.8+0.2 for the seconds of a pass and a picture."
            )
        return cls(pass_seconds=numbers[0], picture_seconds=numbers[1])

    def load(self) -> None:
        """Does nothing: there is no model to load."""

    def warm_up(self) -> None:
        """Does nothing: there is no model to warm up."""

    def native_size(self, width: int, height: int) -> tuple[int, int]:
        """Returns at most 64 x 64 pixels, or as many in another shape."""
        return NATIVE.fit(width, height)

    def estimate_bytes(self, width: int, height: int, count: int) -> int:
        """Returns the bytes of the pictures, and as many again to draw them."""
        across, down = self.native_size(width, height)
        return 2 * count * across * down * 3 * np.dtype(np.float32).itemsize

    def encode(self, brief: Brief) -> Encoded:
        """Reads the script. Raises InvalidRequest for a label that the engine cannot follow."""
        width, height = self.native_size(brief.width, brief.height)
        images = [_resize_nearest(image, width, height) for image in brief.images]
        mask = None if brief.mask is None else _resize_nearest(brief.mask, width, height)
        digest = _brief_digest(brief, images if mask is None else [*images, mask])
        script = MockScript.from_labels(brief.labels, self._picture_seconds)
        scene = _Scene(digest, images[0] if images else None, mask, script)
        return Encoded(width, height, scene, frames=brief.frames)

    def diffuse(self, encoded: Encoded, seed: int, on_step: OnStep) -> Picture:
        """Draws a picture of the native size. Fails after the first step if the script says so."""
        (drawn,) = self.diffuse_together([PassDrawing(encoded, seed, on_step)])
        if isinstance(drawn, PlantainError):
            raise drawn
        return drawn

    def profile_passes(self, most: int) -> PassLimits:
        """Returns what the seconds of a pass and of a picture come to."""
        if self._pass_seconds and most > 1:
            points = profile_sizes(lambda _side, n: Trial(self._seconds_of(n)), [_SIDE], most)
            self._pass_limits = PassLimits(points, takes_images=True)
        return self._pass_limits

    def _seconds_of(self, pictures: int) -> float:
        return self._pass_seconds + pictures * self._picture_seconds

    def pass_key(self, encoded: Encoded) -> Hashable:
        """Returns the size and the steps."""
        return encoded.width, encoded.height, _scene_of(encoded).script.steps

    def pass_limit(self, encoded: Encoded) -> int:
        return self._pass_limits.limit(encoded.width * encoded.height)

    def diffuse_together(self, drawings: Sequence[PassDrawing]) -> list[Picture | PlantainError]:
        """Draws each picture as if it were alone. One that the script lets fail leaves the others."""
        if self._room is not None and len(drawings) > self._room:
            raise OutOfMemory(f"The mock engine has room for {self._room} pictures.")
        scenes = [_scene_of(each.encoded) for each in drawings]
        pictures = [
            scene.draw(each.encoded.width, each.encoded.height, each.seed)
            for scene, each in zip(scenes, drawings, strict=True)
        ]
        steps, count = PassSteps(drawings), scenes[0].script.steps
        seconds = self._pass_seconds + sum(scene.script.seconds for scene in scenes)
        try:
            steps.report(0, count, None)
            for step in range(1, count + 1):
                self._wait(seconds / count, lambda done=step - 1: steps.report(done, count, None))
                if step == 1:
                    steps.errors |= {
                        n: self._fail(each.script.fail)
                        for n, each in enumerate(scenes)
                        if each.script.fails_now
                    }
                steps.report(step, count, lambda n: pictures[n])
        except PassAbandoned:
            pass  # every outcome is an error then
        return steps.finish(lambda n: pictures[n])

    def animate(self, encoded: Encoded, seed: int, on_step: OnStep) -> Clip:
        """Draws a scene, or takes the image as it is, and moves along it."""
        scene = encoded.conditions
        picture = self.diffuse(encoded, seed, on_step)
        if isinstance(scene, _Scene) and scene.image is not None:
            picture = scene.image
        return _Panorama(picture, encoded.frames)

    def _wait(self, seconds: float, check: Callable[[], None]) -> None:
        """Sleeps for one step, in slices short enough to notice a cancellation."""
        slices = ceil(seconds / SLICE_SECONDS)
        for _ in range(slices):
            self._sleep(seconds / slices)
            check()

    def _fail(self, how: str) -> PlantainError:
        """Returns the scripted error, if the process goes on."""
        if how == "crash":
            os._exit(70)
        while how == "hang":
            self._sleep(SLICE_SECONDS)
        return _SCRIPTED_ERRORS[how](f"The mock engine was told to fail: {how}.")


_SCRIPTED_ERRORS: dict[str, type[PlantainError]] = {
    "transient": EngineFailed,
    "permanent": UnsupportedTask,
    "out_of_memory": OutOfMemory,
    "blocked": ImageBlocked,
}


@dataclass(frozen=True)
class _Panorama:
    """A picture that goes past once, from its right side to its left."""

    picture: Picture
    count: int

    def frames(self) -> Iterator[Picture]:
        width = self.picture.shape[1]
        return (np.roll(self.picture, -(n * width // self.count), axis=1) for n in range(self.count))


@dataclass(frozen=True)
class _Scene:
    """The content of a mock drawing: the digest of the brief, and the image to change with its mask."""

    digest: bytes
    image: Picture | None
    mask: Mask | None
    script: MockScript

    def draw(self, width: int, height: int, seed: int) -> Picture:
        random = np.random.default_rng(np.frombuffer(self.digest + seed.to_bytes(8, "big"), np.uint32))
        if self.image is None:
            return _draw_landscape(random, width, height)
        # Every channel shifts by a third to two thirds of the scale, so that every pixel changes.
        changed = (self.image + random.uniform(1 / 3, 2 / 3, 3).astype(np.float32)) % np.float32(1)
        if self.mask is None:
            return changed
        share = self.mask[..., None]
        return np.where(share > 0, self.image * (1 - share) + changed * share, self.image)


def _scene_of(encoded: Encoded) -> _Scene:
    if not isinstance(encoded.conditions, _Scene):
        raise TypeError("encoded by another engine")
    return encoded.conditions


def _draw_landscape(random: np.random.Generator, width: int, height: int) -> Picture:
    """Draws a sky that fades into the ground, and a disc."""
    sky, ground, disc = random.uniform(0, 1, (3, 3)).astype(np.float32)
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    centre_x, centre_y, radius = random.uniform((0.2, 0.2, 0.1), (0.8, 0.8, 0.3))
    picture = sky * (1 - y) + ground * y + 0 * x
    inside = ((x - centre_x) * width) ** 2 + ((y - centre_y) * height) ** 2 < (
        radius * min(width, height)
    ) ** 2
    return np.where(inside, disc, picture).astype(np.float32)


def _brief_digest(brief: Brief, seen: Sequence[Picture | Mask]) -> bytes:
    """Returns 32 bytes of everything on which a real engine's picture would depend."""
    asked = (brief.prompt, brief.negative_prompt, brief.steps, brief.guidance, brief.strength)
    known = hashlib.sha256(repr((asked, brief.width, brief.height, len(brief.images))).encode())
    for pixels in seen:
        known.update(pixels.tobytes())
    return known.digest()


def _resize_nearest(picture: Picture, width: int, height: int) -> Picture:
    """Returns the picture, or mask, at another size by its nearest pixels."""
    rows = np.arange(height) * picture.shape[0] // height
    columns = np.arange(width) * picture.shape[1] // width
    return np.ascontiguousarray(picture[rows][:, columns])
