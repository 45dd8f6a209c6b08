"""What a sender says about an object before its bytes come."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from local.storage.digests import Expected
from local.storage.preconditions import Preconditions
from local.storage.properties import Json


@dataclass(frozen=True, slots=True)
class Ticket:
    """It outlives the server when the upload is resumable.

    Attributes: origin: of the web page that began the upload; empty where none did.
    """

    bucket: str
    name: str
    properties: Json
    preconditions: Preconditions
    expected: Expected
    origin: str = ""

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> Ticket:
        facts: dict[str, Any] = json.loads(text)
        facts["preconditions"] = Preconditions(**facts["preconditions"])
        facts["expected"] = Expected(**facts["expected"])
        return cls(**facts)
