"""Whose interface an address belongs to; the clients' own headers decide where several have the same one."""

from __future__ import annotations

import re

import pytest
from werkzeug.datastructures import Headers

from functions.api import routes
from functions.api.dialects import DIALECTS

GOOGLE, OPENAI = {"x-goog-api-key": "k"}, {"User-Agent": "OpenAI/Python 3.57.0"}


def name_of(
    path: str, headers: dict[str, str] | None = None, monkeypatch: pytest.MonkeyPatch | None = None
) -> str:
    found = routes.find_dialect(path, Headers(headers or {}))
    return next(name for name, dialect in DIALECTS.items() if dialect is found)


@pytest.mark.parametrize(
    ("path", "headers", "dialect"),
    [
        ("/v1/jobs", {}, "own"),
        ("/v1/jobs", GOOGLE, "own"),
        ("/v1/batches", {}, "own"),
        ("/v1/batches/batch_x/items", {}, "own"),
        ("/v1/batches", OPENAI, "openai"),
        ("/v1/batches", GOOGLE, "gemini"),
        ("/v1/models", {}, "openai"),
        ("/v1/models", OPENAI, "openai"),
        ("/v1/models", {"x-goog-api-client": "google-genai-sdk/3.6.1"}, "gemini"),
        ("/v1/files/abc", {"x-stainless-lang": "js"}, "openai"),
        ("/v1/models/starter:generateContent", {}, "gemini"),
        ("/v1beta/v1/models/starter:generateContent", {}, "gemini"),
        ("/v1beta1/projects/p/locations/l/publishers/google/models/m:predict", {}, "gemini"),
        ("/v1/projects/p/locations/l/publishers/google/models/m:predict", {}, "gemini"),
        ("/models/starter:countTokens", {}, "gemini"),
        ("/upload/v1beta/files", {}, "gemini"),
        ("/upload/v1beta/files/a line\nand another", {}, "gemini"),
        ("/v1/interactions/i", {}, "gemini"),
        ("/v1/images/generations", GOOGLE, "openai"),
        ("/images/edits", {}, "openai"),
        ("/openai/deployments/m/images/generations", {"api-key": "k"}, "openai"),
        ("/v1/chat/completions", {}, "openai"),
        ("/v1/embeddings", {}, "openai"),
        ("/sdapi/v1/txt2img", {}, "sdwebui"),
        ("/nothing", {}, "own"),
    ],
)
def test_who_an_address_belongs_to(path: str, headers: dict[str, str], dialect: str) -> None:
    if dialect in DIALECTS:
        assert name_of(path, headers) == dialect


def test_every_row_of_the_table_can_be_reached() -> None:
    """An earlier row must not take all that a later one names."""
    patterns = [re.compile(pattern) for pattern, _ in routes._TABLE]  # pyright: ignore[reportPrivateUsage]
    samples = [
        "/v1/jobs/x",
        "/x/m:verb",
        "/v1beta/x",
        "/v1/interactions",
        "/openai/x",
        "/v1/images/x",
        "/v1/embeddings",
        "/sdapi/x",
        "/v1/models",
        "/v1/batches",
        "/batches",
    ]
    first = [next(n for n, pattern in enumerate(patterns) if pattern.fullmatch(sample)) for sample in samples]
    assert first == list(range(len(patterns)))
