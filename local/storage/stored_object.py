"""An object as it is stored."""

from __future__ import annotations

import base64
import json
from typing import NamedTuple

from local.storage.object_properties import Json


class StoredObject(NamedTuple):
    """Everything about one generation of an object but its bytes, in the order of the tables' columns.

    Attributes:
        size: bytes.
        crc32c: base64.
        md5: base64; None for a composite.
        components: how many uploads a composite is made of; None for a single upload.
        created: RFC 3339.
        updated: RFC 3339.
        properties: JSON of what the caller set: see the module ``object_properties``.
        deleted: when a noncurrent version was deleted or replaced, RFC 3339; None for the live one.
    """

    bucket: str
    name: str
    generation: int
    metageneration: int
    size: int
    crc32c: str
    md5: str | None
    components: int | None
    created: str
    updated: str
    properties: str
    deleted: str | None = None

    def read_properties(self) -> Json:
        """Returns the properties as a JSON object."""
        return json.loads(self.properties)

    @property
    def etag(self) -> str:
        """Returns an ETag that changes with the generation and with the metageneration."""
        return base64.b64encode(f"{self.generation}/{self.metageneration}".encode()).decode("ascii")

    @property
    def hashes(self) -> str:
        """Returns the value of X-Goog-Hash."""
        return f"crc32c={self.crc32c}" + (f",md5={self.md5}" if self.md5 else "")
