"""The engine that draws with a Gemini image model, on Vertex AI or by a key of Google AI Studio.

https://googleapis.github.io/python-genai/
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import httpx
import numpy as np

from functions.contract.engine_limits import DEFAULT_GEMINI
from functions.contract.errors import ModelUnavailable
from functions.contract.telemetry.log import log
from functions.contract.validation.gemini_models import GeminiOptions
from worker.engines.gemini.answer import UNREADABLE, NoPicture, picture
from worker.engines.gemini.call import GeminiCall, call, config
from worker.engines.gemini.frame import frame
from worker.engines.gemini.waiting import answered, pause
from worker.engines.protocol import Brief, Encoded, OnStep, Picture

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import GenerateContentResponse

_NOT_FOUND = 404
DEFAULT_MODEL = DEFAULT_GEMINI
TRIES = 3
_BYTES_PER_PIXEL = 3 * 4
_COPIES = 4  # of a picture at once: as it was received, decoded, cut, and delivered
_PREVIEW_SIDE = 128


class GeminiEngine:
    """Draws one picture a call; several are several calls, each with its own seed.

    With a ``key``, or the absolute name of its file, it is the Developer API's; without one Vertex AI's, in
    ``project`` and ``location``, by the process's own identity. ``url`` replaces Google's own. ``seconds`` is
    the limit of one call; ``first_pause`` the seconds before a call is repeated for the first time, which
    double from then on.

    Unlike other engines' its pictures cannot be repeated: Google takes the seed as a wish.
    """

    name = "gemini"
    follows_instructions = True

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        project: str,
        location: str = "global",
        key: str | None = None,
        url: str | None = None,
        seconds: float = 120.0,
        first_pause: float = 1.0,
        options: GeminiOptions | None = None,
    ) -> None:
        self.model = model
        self.revision = model  # the service says no more of what it serves under the name
        self._project = project
        self._location = location
        self._key = key
        self._url = url
        self._seconds = seconds
        self._first_pause = first_pause
        self._options = options or GeminiOptions()
        self.enlarger = self._options.enlarger

    def load(self) -> None:
        """Makes the client; nothing is called. Raises ModelUnavailable without a key and an identity."""
        from google.auth.exceptions import GoogleAuthError

        try:
            _ = self._client
        except GoogleAuthError:
            raise ModelUnavailable(f"{self.model} needs a key, or a project and an identity.") from None

    def warm_up(self) -> None:
        """Asks the service to count a word's tokens, which costs nothing and tells whether it has the model.

        Raises ModelUnavailable for a model that it does not have: models are retired. Any other failure is
        logged, since a job is tried again.
        """
        from google.auth.exceptions import GoogleAuthError
        from google.genai.errors import APIError

        try:
            self._client.models.count_tokens(model=self.model, contents="boat")
        except APIError as error:
            if error.code == _NOT_FOUND:
                raise ModelUnavailable(
                    f"{self.model} is not served there: it may be retired, or not offered in this location."
                ) from None
            log("gemini.not_asked", "WARNING", model=self.model, status=error.code)
        except (GoogleAuthError, httpx.HTTPError, ValueError) as error:
            log("gemini.not_asked", "WARNING", model=self.model, error=type(error).__name__)

    def native_size(self, width: int, height: int) -> tuple[int, int]:
        """The target, or as much of it as the largest size that may be asked for."""
        framed = frame(width, height, self._options)
        return framed.width, framed.height

    def estimate_bytes(self, width: int, height: int, count: int) -> int:
        """The pictures, and what one of them takes on its way; the model itself is elsewhere."""
        across, down = self.native_size(width, height)
        return (count + _COPIES) * across * down * _BYTES_PER_PIXEL

    def encode(self, brief: Brief) -> Encoded:
        """The words and the pictures as they are sent. Raises UnsupportedTask."""
        made = call(brief, self._options)
        return Encoded(made.frame.width, made.frame.height, made)

    def diffuse(self, encoded: Encoded, seed: int, on_step: OnStep) -> Picture:
        """One picture of the native size, or a little smaller where the model draws smaller than it says.

        Raises PromptBlocked, ImageBlocked, UnsupportedTask, ModelUnavailable, Transient, and whatever
        ``on_step`` raises: a call in flight is then left alone.
        """
        asked = encoded.conditions
        if not isinstance(asked, GeminiCall):
            raise TypeError("encoded by another engine")
        on_step(0, 1, None)
        drawn = asked.frame.cut_from(self._persist(asked, seed, lambda: on_step(0, 1, None)))
        on_step(1, 1, lambda: _preview(drawn))
        return drawn

    def _persist(self, asked: GeminiCall, seed: int, listen: Callable[[], None]) -> Picture:
        """A few tries: a job that goes back to the queue loses the pictures that it has, and they cost money.

        What ``listen`` raises is caught by nobody here, though another try might mend it as well.
        """
        from google.auth.exceptions import GoogleAuthError
        from google.genai.errors import APIError

        from worker.engines.gemini.failures import failure

        tried = 0
        while True:
            tried += 1
            try:
                return self._draw(asked, seed, listen)
            except (APIError, GoogleAuthError, httpx.HTTPError, TimeoutError, NoPicture) as cause:
                found = failure(self.model, cause)
            log("gemini.failed", "WARNING", model=self.model, tried=tried, facts=found.facts)
            if tried == TRIES or not found.again:
                raise found.error
            pause(self._until_again(tried, found.pause), listen)

    def _until_again(self, tried: int, asked: float | None) -> float:
        """Seconds, a little different for each of the workers that were turned away together."""
        return (asked or self._first_pause * 2 ** (tried - 1)) * random.uniform(1, 1.5)

    def _draw(self, asked: GeminiCall, seed: int, listen: Callable[[], None]) -> Picture:
        began = time.monotonic()
        answer = answered(lambda: self._ask(asked, seed), listen, self._seconds)
        self._say(answer, time.monotonic() - began)
        return picture(answer, prompt=asked.prompt, model=self.model)

    def _ask(self, asked: GeminiCall, seed: int) -> GenerateContentResponse:
        made = config(self._options, asked.frame, seed)
        try:
            return self._client.models.generate_content(
                model=self.model, contents=asked.contents(), config=made
            )
        except ValueError:  # how the client reports an answer that is not as documented
            raise NoPicture(UNREADABLE) from None

    def _say(self, answer: GenerateContentResponse, seconds: float) -> None:
        """What was paid for, picture or not."""
        used = answer.usage_metadata
        log(
            "gemini.answered",
            model=self.model,
            version=answer.model_version,
            response_id=answer.response_id,
            tokens=used.total_token_count if used else None,
            seconds=round(seconds, 3),
        )

    @cached_property
    def _client(self) -> Client:
        from google.genai import Client, types

        options = types.HttpOptions(base_url=self._url, timeout=round(self._seconds * 1_000))
        if self._key:
            return Client(api_key=_read(self._key), vertexai=False, http_options=options)
        return Client(vertexai=True, project=self._project, location=self._location, http_options=options)


def _read(key: str) -> str:
    """The key itself; from its file where it is the name of one, as secrets are mounted."""
    if not key.startswith("/"):
        return key
    try:
        return Path(key).read_text("utf-8").strip()
    except OSError as error:
        raise ModelUnavailable(f"The file of the Gemini key cannot be read: {error.strerror}.") from None


def _preview(drawn: Picture) -> Picture:
    """The picture at 128 px a side at most."""
    down, across = drawn.shape[:2]
    scale = min(1.0, _PREVIEW_SIDE / max(down, across))
    size = (max(1, round(across * scale)), max(1, round(down * scale)))
    return cv2.resize(drawn, size, interpolation=cv2.INTER_AREA).astype(np.float32)
