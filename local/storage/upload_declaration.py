"""What a sender declares about an object before its bytes arrive."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from local.storage.digests import ExpectedDigests
from local.storage.object_properties import Json
from local.storage.preconditions import Preconditions


@dataclass(frozen=True, slots=True)
class UploadDeclaration:
    """It outlives the server when the upload is resumable.

    Attributes: origin: of the web page that began the upload; empty where none did.
    """

    bucket: str
    name: str
    properties: Json
    preconditions: Preconditions
    expected: ExpectedDigests
    origin: str = ""

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> UploadDeclaration:
        facts: dict[str, Any] = json.loads(text)
        facts["preconditions"] = Preconditions(**facts["preconditions"])
        facts["expected"] = ExpectedDigests(**facts["expected"])
        return cls(**facts)
