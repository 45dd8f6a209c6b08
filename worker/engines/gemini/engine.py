"""The engine that draws with a Gemini image model, on Vertex AI or with a key of Google AI Studio.

https://googleapis.github.io/python-genai/
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from functions.contract.engine_limits import DEFAULT_GEMINI
from functions.contract.errors import ModelUnavailable
from functions.contract.telemetry.log import log
from functions.contract.validation.gemini_models import GeminiOptions
from worker.engines.framing import shrink_to_preview
from worker.engines.gemini.answer import UNREADABLE, AnswerWithoutPicture, read_picture
from worker.engines.gemini.call import GeminiCall, build_call, build_config
from worker.engines.gemini.frame import choose_frame
from worker.engines.gemini.waiting import pause_and_listen, wait_for_answer
from worker.engines.protocol import Brief, Domain, Encoded, OnStep, Picture

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import GenerateContentResponse

_NOT_FOUND = 404
DEFAULT_MODEL = DEFAULT_GEMINI
TRIES = 3
_BYTES_PER_PIXEL = 3 * 4
_COPIES = 4  # of a picture at once: as it was received, decoded, cut, and delivered


class GeminiEngine:
    """Draws one picture with each call.

    With a ``key``, or the absolute name of its file, it calls the Developer API; without one, Vertex AI in
    ``project`` and ``location``, with the process's own identity. ``url`` replaces Google's own. ``seconds``
    limit one call. ``first_pause`` is the time in seconds before the first retry; it doubles with each retry.

    Unlike other engines', its pictures cannot be repeated: Google does not promise to honour seeds.
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
        self.revision = model  # the service names no revision
        self._project = project
        self._location = location
        self._key = key
        self._url = url
        self._seconds = seconds
        self._first_pause = first_pause
        self._options = options or GeminiOptions()
        self.enlargers = (self._options.enlarger,) if self._options.enlarger else ()
        self.domain: Domain | None = None
        self.writes: bool | None = True

    def load(self) -> None:
        """Makes the client, and calls nothing. Raises ModelUnavailable without a key or an identity."""
        from google.auth.exceptions import GoogleAuthError

        try:
            _ = self._client
        except GoogleAuthError:
            raise ModelUnavailable(f"{self.model} needs a key, or a project and an identity.") from None

    def warm_up(self) -> None:
        """Asks the service to count a word's tokens, which is free and shows that the model exists.

        Raises ModelUnavailable for a model that the service does not have: models are retired. Any other
        failure is only logged, because jobs are retried.
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
        """Returns the target, or the largest size of its shape that the model draws."""
        framed = choose_frame(width, height, self._options)
        return framed.width, framed.height

    def estimate_bytes(self, width: int, height: int, count: int) -> int:
        """Returns the bytes of the pictures and of one's copies on its way; the model runs elsewhere."""
        across, down = self.native_size(width, height)
        return (count + _COPIES) * across * down * _BYTES_PER_PIXEL

    def encode(self, brief: Brief) -> Encoded:
        """Prepares the call. Raises UnsupportedTask."""
        made = build_call(brief, self._options)
        return Encoded(made.frame.width, made.frame.height, made)

    def diffuse(self, encoded: Encoded, seed: int, on_step: OnStep) -> Picture:
        """Draws one picture of the native size, or a little smaller if the model does.

        Raises PromptBlocked, ImageBlocked, UnsupportedTask, ModelUnavailable, Transient, and whatever
        ``on_step`` raises, which abandons the call.
        """
        asked = encoded.conditions
        if not isinstance(asked, GeminiCall):
            raise TypeError("encoded by another engine")
        on_step(0, 1, None)
        drawn = asked.frame.cut_from(self._draw_with_retries(asked, seed, lambda: on_step(0, 1, None)))
        on_step(1, 1, lambda: shrink_to_preview(drawn))
        return drawn

    def _draw_with_retries(self, asked: GeminiCall, seed: int, listen: Callable[[], None]) -> Picture:
        """Draws, with a few tries: a job that goes back to the queue loses pictures that cost money.

        Whatever ``listen`` raises passes through.
        """
        from google.auth.exceptions import GoogleAuthError
        from google.genai.errors import APIError

        from worker.engines.gemini.failures import classify_failure

        tries = 0
        while True:
            tries += 1
            try:
                return self._draw(asked, seed, listen)
            except (APIError, GoogleAuthError, httpx.HTTPError, TimeoutError, AnswerWithoutPicture) as cause:
                found = classify_failure(self.model, cause)
            log("gemini.failed", "WARNING", model=self.model, tried=tries, facts=found.facts)
            if tries == TRIES or not found.can_retry:
                raise found.error
            pause_and_listen(self._pause_seconds(tries, found.pause), listen)

    def _pause_seconds(self, tries: int, asked: float | None) -> float:
        """Returns seconds with jitter, so that workers that were refused together do not retry together."""
        return (asked or self._first_pause * 2 ** (tries - 1)) * random.uniform(1, 1.5)

    def _draw(self, asked: GeminiCall, seed: int, listen: Callable[[], None]) -> Picture:
        began = time.monotonic()
        answer = wait_for_answer(lambda: self._call_model(asked, seed), listen, self._seconds)
        self._log_usage(answer, time.monotonic() - began)
        return read_picture(answer, prompt=asked.prompt, model=self.model)

    def _call_model(self, asked: GeminiCall, seed: int) -> GenerateContentResponse:
        made = build_config(self._options, asked.frame, seed)
        try:
            return self._client.models.generate_content(
                model=self.model, contents=asked.contents(), config=made
            )
        except ValueError:  # the client's error for an undocumented answer
            raise AnswerWithoutPicture(UNREADABLE) from None

    def _log_usage(self, answer: GenerateContentResponse, seconds: float) -> None:
        """Logs the tokens, which are paid for with and without a picture."""
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
            return Client(api_key=_read_key(self._key), vertexai=False, http_options=options)
        return Client(vertexai=True, project=self._project, location=self._location, http_options=options)


def _read_key(key: str) -> str:
    """Returns the key, from its file if ``key`` is an absolute path, as secrets are mounted."""
    if not key.startswith("/"):
        return key
    try:
        return Path(key).read_text("utf-8").strip()
    except OSError as error:
        raise ModelUnavailable(f"The file of the Gemini key cannot be read: {error.strerror}.") from None
