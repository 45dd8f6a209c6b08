"""Gemini, through google-genai: with a key of Google AI Studio, or on Vertex AI with the worker's identity.

https://googleapis.github.io/python-genai/
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import httpx

from worker.language_models.chat_request import (
    ChatRequest,
    ModelGaveNoAnswer,
    Response,
    encode_for_model,
    parse_response,
)

if TYPE_CHECKING:
    from google.genai import Client

_TIMED_OUT = frozenset({408, 499, 504})


class GeminiChat:
    """A Gemini model; without a ``key``, on Vertex AI in ``project`` and ``location``.

    ``url`` replaces Google's own. ``seconds`` limit one answer.
    """

    def __init__(
        self,
        model: str,
        *,
        url: str | None,
        key: str | None,
        seconds: float,
        project: str,
        location: str = "global",
    ) -> None:
        self.name = model
        self._url = url
        self._key = key
        self._seconds = seconds
        self._project = project
        self._location = location

    def answer(self, request: ChatRequest, schema: type[Response]) -> Response:
        """Returns the answer. Raises ModelGaveNoAnswer."""
        from google.auth.exceptions import GoogleAuthError
        from google.genai import errors, types

        parts = [types.Part.from_text(text=request.text)]
        for picture in request.pictures:
            parts.append(types.Part.from_bytes(data=encode_for_model(picture), mime_type="image/jpeg"))
        config = types.GenerateContentConfig(
            system_instruction=request.instructions,
            response_mime_type="application/json",
            response_json_schema=schema.schema_for_models(),
        )
        try:
            answer = self._client.models.generate_content(
                model=self.name, contents=types.Content(role="user", parts=parts), config=config
            )
        except errors.APIError as error:
            raise ModelGaveNoAnswer("timeout" if error.code in _TIMED_OUT else f"http_{error.code}") from None
        except httpx.TimeoutException:
            raise ModelGaveNoAnswer("timeout") from None
        except httpx.HTTPError:
            raise ModelGaveNoAnswer("unreachable") from None
        except GoogleAuthError:
            raise ModelGaveNoAnswer("unauthenticated") from None
        except ValueError:  # the client's error for an answer that is not JSON
            raise ModelGaveNoAnswer("not_as_documented") from None
        if not answer.text:  # it was blocked, or cut off
            raise ModelGaveNoAnswer("refused")
        return parse_response(answer.text, schema)

    @cached_property
    def _client(self) -> Client:
        """The client, made on first use: the import takes a second, and most workers have no such model."""
        from google.genai import Client, types

        options = types.HttpOptions(base_url=self._url, timeout=round(self._seconds * 1_000))
        if self._key:
            return Client(api_key=self._key, vertexai=False, http_options=options)
        return Client(vertexai=True, project=self._project, location=self._location, http_options=options)
