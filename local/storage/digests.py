"""MD5 and CRC32C: computed while bytes come in, and compared with what the sender says."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import google_crc32c

from local.storage.errors import BadDigest


class BodyDigest:
    """Both digests of a stream of bytes."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc32c: int = 0

    def update(self, chunk: bytes) -> None:
        self._md5.update(chunk)
        self._crc32c = google_crc32c.extend(self._crc32c, chunk)

    @property
    def md5(self) -> str:
        return base64.b64encode(self._md5.digest()).decode("ascii")

    @property
    def crc32c(self) -> str:
        return base64.b64encode(self._crc32c.to_bytes(4, "big")).decode("ascii")


@dataclass(frozen=True, slots=True)
class ExpectedDigests:
    """The digests that the sender states, base64; None where it states none."""

    md5: str | None = None
    crc32c: str | None = None

    @classmethod
    def parse(cls, resource: Mapping[str, Any], headers: Mapping[str, str]) -> ExpectedDigests:
        """Reads an object resource's ``md5Hash`` and ``crc32c``, or Content-MD5 and X-Goog-Hash."""
        named: dict[str, str] = {}
        for part in headers.get("x-goog-hash", "").split(","):
            algorithm, _, value = part.strip().partition("=")
            named[algorithm] = value
        return cls(
            md5=resource.get("md5Hash") or named.get("md5") or headers.get("content-md5"),
            crc32c=resource.get("crc32c") or named.get("crc32c"),
        )

    def check(self, md5: str | None, crc32c: str) -> None:
        """Raises BadDigest."""
        for label, stated, found in (("MD5 hash", self.md5, md5), ("CRC32C", self.crc32c, crc32c)):
            if stated and stated != found:
                raise BadDigest(f'Provided {label} "{stated}" doesn\'t match calculated {label} "{found}".')
