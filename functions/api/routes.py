"""Decides whose interface an address belongs to. Where two services have the same one, the headers tell.

google-genai asks for ``/v1/models``, ``/v1/files`` and ``/v1/batches``, and so do other
clients.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from .dialects import DIALECTS, OWN, Dialect

_OPENAI, _GEMINI, _SDWEBUI = "openai", "gemini", "sdwebui"


@dataclass(frozen=True)
class _Shared:
    """An address of several interfaces: ``default`` takes a request whose headers name no client."""

    default: str


_TABLE: tuple[tuple[str, str | _Shared], ...] = (
    (r"/v1/jobs(/.*)?", OWN),  # whatever the job's name is
    # What only Google's clients ask for: a verb after a colon, its versions, Vertex AI's paths.
    (r"/.*:[A-Za-z]+", _GEMINI),
    (r"/(gemini|upload|v1beta|v1beta1|v1alpha)(/.*)?", _GEMINI),
    (r"/v1/(projects|publishers|tunedModels|interactions|operations)(/.*)?", _GEMINI),
    # What only OpenAI's clients ask for, with and without /v1; Azure's paths begin with /openai.
    (r"/openai(/.*)?", _OPENAI),
    (r"(/v1)?/(images|chat|responses|content_provenance_checks)(/.*)?", _OPENAI),
    # What OpenAI has and Plantain has not: its clients hear so in their own shape.
    (r"(/v1)?/(audio|completions|embeddings|moderations|realtime|vector_stores|videos)(/.*)?", _OPENAI),
    (r"/sdapi(/.*)?", _SDWEBUI),
    # What several ask for.
    (r"(/v1)?/(models|files)(/.*)?", _Shared(_OPENAI)),
    (r"/v1/batches(/.*)?", _Shared(OWN)),
    (r"/batches(/.*)?", _OPENAI),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL), owner) for pattern, owner in _TABLE)


def find_dialect(path: str, headers: Headers) -> Dialect:
    """Returns the dialect of a request: by its path, and by its headers where several have that path."""
    for pattern, owner in _COMPILED:
        if pattern.fullmatch(path):
            name = owner if isinstance(owner, str) else _client_of(headers) or owner.default
            return DIALECTS.get(name, DIALECTS[OWN])
    return DIALECTS[OWN]


def _client_of(headers: Headers) -> str | None:
    """Returns the dialect that the client's own headers tell; None where they tell nothing."""
    if headers.get("x-goog-api-key") or headers.get("x-goog-api-client"):
        return _GEMINI
    if headers.get("api-key") or headers.get("x-stainless-lang"):
        return _OPENAI
    if re.match(r"(Async)?(Azure)?OpenAI/", headers.get("User-Agent", "")):
        return _OPENAI
    return None
