"""A model as lists of models have it. One answer has both: ``/v1/models`` is asked for by clients of several
services, and not all of them say who they are.
"""

from __future__ import annotations

from typing import Any

from ..contract.document import VERSION
from ..contract.prompts import MAX_PROMPT

_METHODS = ["generateContent", "batchGenerateContent", "countTokens"]
_BYTES_PER_TOKEN = 4
_CREATED = (
    1_764_374_400  # the day of Plantain's first release with this interface: a model has no date of its own
)
_OWNER = "plantain"


def openai_entry(name: str) -> dict[str, Any]:
    """Returns a model as OpenAI's clients read it."""
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": _OWNER}


def google_entry(name: str) -> dict[str, Any]:
    """Returns a model as Google's clients read it."""
    return {
        "name": f"models/{name}",
        "version": str(VERSION),
        "displayName": name,
        "description": "Draws and edits pictures on this deployment.",
        "inputTokenLimit": MAX_PROMPT // _BYTES_PER_TOKEN,
        "outputTokenLimit": 32_768,
        "supportedGenerationMethods": _METHODS,
    }
