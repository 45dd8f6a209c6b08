"""What torch compiled for a model on a GPU, kept in a bucket, so that the next worker need not compile it.

The cache is code: who can write it runs programs as the worker, with the worker's keys. So it has a bucket of
its own, in which Terraform lets the worker's account create and read objects, and no account replace them
(docs/cold-start.md). On a CPU nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Protocol

from functions.contract.errors import NotFound, Overtaken, PlantainError
from functions.contract.storage.bucket import NEW, Bucket
from functions.contract.storage.storage_client import storage_client
from functions.contract.telemetry.log import log
from worker.settings import WorkerSettings

MAX_BYTES = 256 << 20  # of one object, which is in memory while it is read and written
_TYPE = "application/octet-stream"


class CompiledArtifacts(Protocol):
    """``torch.compiler``, as far as it is used here."""

    def load_cache_artifacts(self, serialized_artifacts: bytes) -> object | None: ...
    def save_cache_artifacts(self) -> tuple[bytes, object] | None: ...


class CompileCache:
    """The object of one model on one kind of device."""

    def __init__(self, bucket: Bucket, name: str, compiler: CompiledArtifacts) -> None:
        self._bucket, self._name, self._compiler = bucket, name, compiler
        self._is_wanted = False  # True once it is known that the bucket has nothing

    def restore(self) -> None:
        """Puts what the bucket has where torch looks for it. After a failure torch compiles."""
        began = time.monotonic()
        try:
            size = self._bucket.stat(self._name).size
            if size > MAX_BYTES:
                self._tell("too_large", size, began)
                return
            data = self._bucket.get(self._name).data
        except NotFound:
            self._is_wanted = True
            self._tell("missing", 0, began)
        except PlantainError as error:
            self._tell(error.code, 0, began)
        else:
            is_usable = self._compiler.load_cache_artifacts(data) is not None
            self._tell("restored" if is_usable else "unusable", len(data), began)

    def keep(self) -> None:
        """Writes what this process compiled, unless the bucket has had something. A failure is logged."""
        if not self._is_wanted:
            return
        self._is_wanted, began = False, time.monotonic()
        found = self._compiler.save_cache_artifacts()
        if found is None:  # nothing was compiled
            return
        data = found[0]
        if len(data) > MAX_BYTES:
            self._tell("too_large", len(data), began)
            return
        try:
            self._bucket.put(self._name, data, _TYPE, if_generation=NEW)
        except Overtaken:  # another worker, which compiled the same
            self._tell("kept_by_another", len(data), began)
        except PlantainError as error:
            self._tell(error.code, len(data), began)
        else:
            self._tell("kept", len(data), began)

    def _tell(self, outcome: str, size: int, began: float) -> None:
        seconds = round(time.monotonic() - began, 3)
        log("worker.compile_cache", outcome=outcome, bytes=size, seconds=seconds, object=self._name)


def build_compile_cache(settings: WorkerSettings, bucket: str, device: str, **model: str) -> CompileCache:
    """Returns the cache in ``bucket`` of a model, which any facts name, on the CUDA ``device``."""
    import torch

    switches = {"dtype": str(settings.dtype), "compile": settings.compile}
    name = cache_object_name(model | switches | _device_facts(device))
    return CompileCache(Bucket(storage_client(settings), bucket), name, torch.compiler)


def cache_object_name(facts: Mapping[str, str]) -> str:
    """Returns the object's name for what compiled code depends on: it changes when any of the facts does."""
    digest = hashlib.sha256(json.dumps(dict(sorted(facts.items()))).encode()).hexdigest()
    return f"compiled/{digest[:32]}.bin"


def _device_facts(device: str) -> dict[str, str]:
    """Returns the versions and the GPU that code compiled for the CUDA ``device`` is bound to."""
    import torch

    major, minor = torch.cuda.get_device_capability(device)
    return {
        "torch": torch.__version__,
        "cuda": str(torch.version.cuda),
        "gpu": torch.cuda.get_device_name(device),
        "architecture": f"sm_{major}{minor}",
    }
