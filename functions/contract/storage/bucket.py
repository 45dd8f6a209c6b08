"""One bucket with compare-and-set: what Plantain uses of Cloud Storage, with Plantain's own errors."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, cast

from ..errors import InvalidRequest, NotFound, Overtaken, StorageRefused
from ..paths import INSTRUCTION, MADE_BY
from .storage_errors import typed_errors, typed_upload_errors

if TYPE_CHECKING:
    from google.api_core.retry import Retry
    from google.cloud import storage

_EPOCH = datetime.fromtimestamp(0, UTC)
_TIMEOUT = 20  # seconds to connect, and to wait for the next byte
_RETRY_SECONDS = (
    15  # less than a job's lease: a worker that cannot write must notice before another takes over
)
MAX_INFLATED = 64 * 2**20  # bytes of an object that is stored compressed
_PIECE = 8 * 2**20  # bytes of an object that are read at once
_BATCH = 100  # the most calls that Cloud Storage takes in one
NEW = 0  # the generation of an object that does not exist


@dataclass(frozen=True)
class ObjectData:
    """An object's content and the generation that it was read at."""

    data: bytes
    generation: int


@dataclass(frozen=True)
class ObjectInfo:
    """An object as a listing shows it, without its content."""

    name: str
    generation: int
    metadata: Mapping[str, str]
    created: datetime
    size: int = 0
    metageneration: int = 0  # counts the changes of its metadata, from 1 in each generation
    content_type: str | None = None
    crc32c: str | None = None


class Bucket:
    """The objects of one bucket. Every method raises Transient when the service does not answer."""

    def __init__(self, client: storage.Client, bucket: str) -> None:
        self.name = bucket
        self._bucket = client.bucket(bucket)
        self._client = client

    def get(self, name: str, generation: int | None = None) -> ObjectData:
        """Reads an object. Raises NotFound, also for a generation that no longer exists.

        Raises InvalidRequest for an object that is marked as compressed and is not, or unpacks to too much.
        """
        blob = self._bucket.blob(name, generation=generation)
        with typed_errors(name):
            data = blob.download_as_bytes(raw_download=True, retry=_retry_policy(), timeout=_TIMEOUT)
        plain = _decompress(data) if blob.content_encoding == "gzip" else data
        return ObjectData(plain, int(blob.generation or 0))

    def read_pieces(
        self, name: str, generation: int | None, size: int, piece: int = _PIECE
    ) -> Iterator[bytes]:
        """Yields an object of ``size`` bytes in pieces of at most ``piece``, each read when it is wanted.

        Raises NotFound.
        """
        for start in range(0, size, piece):
            yield self.read_range(name, generation, start, min(start + piece, size))

    def read_range(self, name: str, generation: int | None, start: int, end: int) -> bytes:
        """Reads the bytes from ``start`` to before ``end`` of an object that has them. Raises NotFound."""
        blob = self._bucket.blob(name, generation=generation)
        with typed_errors(name):
            return blob.download_as_bytes(
                start=start,
                end=end - 1,
                raw_download=True,
                checksum=None,  # pyright: ignore[reportArgumentType] - None is documented: a part has no sum
                retry=_retry_policy(),
                timeout=_TIMEOUT,
            )

    def stat(self, name: str, generation: int | None = None) -> ObjectInfo:
        """Looks an object up. Raises NotFound."""
        blob = self._bucket.blob(name, generation=generation)
        with typed_errors(name):
            blob.reload(retry=_retry_policy(), timeout=_TIMEOUT)
        return _info_of(blob)

    def find_existing(self, names: Iterable[str]) -> set[str]:
        """Returns those of ``names`` that are objects, with one call for a hundred of them. Raises Transient.

        A name whose look-up fails counts as missing.
        """
        blobs = [self._bucket.blob(name) for name in names]
        for start in range(0, len(blobs), _BATCH):
            self._look_up(blobs[start : start + _BATCH])
        return {str(blob.name) for blob in blobs if blob.generation is not None}

    def _look_up(self, blobs: Sequence[storage.Blob]) -> None:
        """Reads the properties of those that exist, with one call."""
        if len(blobs) == 1:  # a batch of one takes twice the time of a plain call
            with suppress(NotFound, InvalidRequest, StorageRefused), typed_errors(self.name):
                blobs[0].reload(retry=None, timeout=_TIMEOUT)  # pyright: ignore[reportArgumentType] - None is documented
        else:
            with typed_errors(self.name), self._client.batch(raise_exception=False):
                for blob in blobs:
                    blob.reload(timeout=_TIMEOUT)

    def put(
        self,
        name: str,
        data: bytes,
        content_type: str = "application/json",
        *,
        if_generation: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> int:
        """Writes an object and returns its new generation.

        Raises Overtaken when the object's generation is not ``if_generation``.
        """
        if any(key.startswith(INSTRUCTION) for key in metadata or ()):
            raise ValueError("a copy of an object that Plantain wrote must not be an instruction to Plantain")
        blob = self._bucket.blob(name)
        blob.metadata = {MADE_BY: "plantain", **(metadata or {})}
        with typed_errors(name):
            blob.upload_from_string(
                data,
                content_type=content_type,
                if_generation_match=if_generation,
                checksum="crc32c",
                retry=_retry_policy(),
                timeout=_TIMEOUT,
            )
        return int(blob.generation or 0)

    def create_from_pieces(
        self, name: str, pieces: Iterable[bytes], content_type: str, metadata: Mapping[str, str]
    ) -> None:
        """Creates an object of pieces, which are never in memory together. An error that ``pieces`` raises
        leaves no object.

        Raises Overtaken when there is an object of this name.
        """
        blob = self._bucket.blob(name)
        blob.metadata = {MADE_BY: "plantain", **metadata}
        with typed_upload_errors(name):
            opened = blob.open(
                "wb",
                content_type=content_type,
                chunk_size=_PIECE,
                if_generation_match=NEW,
                retry=_retry_policy(),
                timeout=_TIMEOUT,
            )
            with cast("BinaryIO", opened) as target:
                for piece in pieces:
                    target.write(piece)

    def compose(
        self,
        name: str,
        parts: Iterable[tuple[str, int]],
        metadata: Mapping[str, str],
        *,
        if_generation: int,
    ) -> int:
        """Joins objects, each with its generation, to one. Raises Overtaken as ``put``, and NotFound."""
        blob = self._bucket.blob(name)
        blob.metadata = {MADE_BY: "plantain", **metadata}
        blob.content_type = "application/octet-stream"
        with typed_errors(name):
            blob.compose(
                [self._bucket.blob(part, generation=generation) for part, generation in parts],
                if_generation_match=if_generation,
                timeout=_TIMEOUT,
            )
        return int(blob.generation or 0)

    def put_once(self, name: str, data: bytes, content_type: str = "application/json") -> int:
        """Creates an object and returns its generation. The same bytes found there count as success.

        Raises Overtaken when other bytes are there.
        """
        while True:
            try:
                return self.put(name, data, content_type, if_generation=NEW)
            except Overtaken:
                with suppress(NotFound):  # removed between the two calls
                    found = self.get(name)
                    if found.data != data:
                        raise
                    return found.generation

    def set_metadata(
        self, name: str, metadata: Mapping[str, str | None], *, seen: ObjectInfo | None = None
    ) -> ObjectInfo:
        """Changes custom metadata, key by key; None removes a key. Returns the object as it is then.

        Raises NotFound, and Overtaken when the object is not as it was ``seen``.
        """
        blob = self._bucket.blob(name)
        blob.metadata = dict(metadata)
        with typed_errors(name):
            blob.patch(
                if_generation_match=seen and seen.generation,
                if_metageneration_match=seen and seen.metageneration,
                retry=_retry_policy(),
                timeout=_TIMEOUT,
            )
        return _info_of(blob)

    def delete(
        self, name: str, if_generation: int | None = None, *, if_metageneration: int | None = None
    ) -> bool:
        """Deletes an object. Returns True if it no longer exists, False if it changed and therefore stays."""
        try:
            with typed_errors(name):
                self._bucket.blob(name).delete(
                    if_generation_match=if_generation,
                    if_metageneration_match=if_metageneration,
                    retry=_retry_policy(),
                    timeout=_TIMEOUT,
                )
        except NotFound:
            return True
        except Overtaken:
            return False
        return True

    def list(self, prefix: str, after: str | None = None, limit: int | None = None) -> Iterator[ObjectInfo]:
        """Yields objects in the order of names, from the first one after ``after``."""
        start = f"{after}!" if after else None  # "!" sorts before every character that continues our names
        with typed_errors(prefix):
            for blob in self._client.list_blobs(
                self._bucket,
                prefix=prefix,
                start_offset=start,
                max_results=limit,
                retry=_retry_policy(),
                timeout=_TIMEOUT,
            ):
                yield _info_of(blob)

    def delete_prefix(self, prefix: str, keep: frozenset[str] = frozenset()) -> None:
        """Deletes all objects under ``prefix`` that are not in ``keep``."""
        for found in self.list(prefix):
            if found.name not in keep:
                self.delete(found.name, if_generation=found.generation)


def _decompress(data: bytes) -> bytes:
    """Unpacks gzip, up to a bound: Google's client would fill the memory with a bomb."""
    unpacking = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        inflated = unpacking.decompress(data, MAX_INFLATED)
    except zlib.error:
        raise InvalidRequest("The object says that it is compressed by gzip, and is not.") from None
    if not unpacking.eof:
        raise InvalidRequest(
            f"The object is cut short, or has more than {MAX_INFLATED // 2**20} MB unpacked."
        )
    return inflated


@cache
def _retry_policy() -> Retry:
    """Returns the retry policy of every call: each may be repeated without harm. The import is slow, so it is
    late.
    """
    from google.cloud.storage.retry import DEFAULT_RETRY

    return DEFAULT_RETRY.with_timeout(_RETRY_SECONDS)


def _info_of(blob: storage.Blob) -> ObjectInfo:
    return ObjectInfo(
        name=str(blob.name),
        generation=int(blob.generation or 0),
        metadata=dict(blob.metadata or {}),
        created=blob.time_created or _EPOCH,
        size=int(blob.size or 0),
        metageneration=int(blob.metageneration or 0),
        content_type=blob.content_type,
        crc32c=blob.crc32c,
    )
