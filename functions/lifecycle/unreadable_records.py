"""Finds what is still known of a job or a batch whose record is damaged, or of a newer version.

Its owner may see that and delete it; for every other caller it does not exist. The owner is the one in the
record if that is JSON, else the one in what was written at its end, else the one whose index names it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from ..contract import ids, paths
from ..contract.document import VERSION
from ..contract.errors import InvalidRequest, NotFound
from ..contract.job import JobRecord
from ..contract.storage.bucket import Bucket
from ..services import Services

_SCANNED = 10_000  # entries of one owner's index that are looked through
Model = TypeVar("Model", bound=BaseModel)


def parse_fields(data: bytes) -> Mapping[str, Any]:
    """Returns the document's fields without validation; none for what is not a JSON object."""
    try:
        fields = from_json(data)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def salvage(model: type[Model], data: bytes) -> Model | None:
    """Returns the document without its version and without unknown fields; None if that is not valid either.

    What a newer program added is lost: use the result to show or delete, never to write back.
    """
    fields: Any = {**parse_fields(data), "version": VERSION}
    try:
        return model.model_validate_json(json.dumps(fields))
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            if fault["type"] != "extra_forbidden":
                return None
            _remove_field(fields, fault["loc"])
    except ValueError:
        return None
    try:
        return model.model_validate_json(json.dumps(fields))
    except ValidationError:
        return None


def _remove_field(fields: Any, path: tuple[int | str, ...]) -> None:
    for step in path[:-1]:
        fields = fields[step]
    del fields[path[-1]]


def salvage_job(services: Services, job_id: str) -> JobRecord | None:
    """Returns the job as its manifest has it, or else what can be read of its record."""
    try:
        manifest = services.committer.read_manifest(job_id)
    except InvalidRequest:
        manifest = None
    if manifest is not None:
        return manifest.record()
    return salvage(JobRecord, _read_bytes(services.jobs, paths.job_record(job_id)))


def is_job_of(services: Services, job_id: str, owner_hash: str) -> bool:
    """Returns True if a job whose record cannot be read is this owner's."""
    return _is_of(
        owner_hash,
        lambda: _read_bytes(services.jobs, paths.job_record(job_id)),
        lambda: _read_bytes(services.results, paths.manifest(job_id)),
        lambda: _index_entry(services.jobs, paths.index_prefix_of(owner_hash), job_id),
    )


def is_batch_of(services: Services, batch_id: str, owner_hash: str) -> bool:
    """Returns True if a batch whose record cannot be read is this owner's."""
    return _is_of(
        owner_hash,
        lambda: _read_bytes(services.jobs, paths.batch_record(batch_id)),
        lambda: _read_bytes(services.results, paths.batch_manifest(batch_id)),
        lambda: _index_entry(services.jobs, paths.batch_index_prefix_of(owner_hash), batch_id),
    )


def job_index_entry(services: Services, job_id: str, owner_hash: str) -> str | None:
    """Returns the name of the job's entry in its owner's index, if there is one."""
    return _index_entry(services.jobs, paths.index_prefix_of(owner_hash), job_id)


def batch_index_entry(services: Services, batch_id: str, owner_hash: str) -> str | None:
    """Returns the name of the batch's entry in its owner's index, if there is one."""
    return _index_entry(services.jobs, paths.batch_index_prefix_of(owner_hash), batch_id)


def _is_of(
    owner_hash: str,
    record: Callable[[], bytes],
    manifest: Callable[[], bytes],
    entry: Callable[[], str | None],
) -> bool:
    """Compares the owner in the record, else in the manifest, else looks in the owner's index."""
    for read in (record, manifest):
        found = _owner_hash(parse_fields(read()))
        if found is not None:
            return found == owner_hash
    return entry() is not None


def _owner_hash(fields: Mapping[str, Any]) -> str | None:
    """Returns the hash of the document's owner: records, manifests and tombstones have it in
    different places.
    """
    origin = fields.get("origin")
    owner = fields.get("owner", origin.get("owner") if isinstance(origin, dict) else None)
    if isinstance(owner, str):
        return ids.owner_hash(owner)
    hashed = fields.get("owner_hash")
    return hashed if isinstance(hashed, str) else None


def _read_bytes(objects: Bucket, name: str) -> bytes:
    try:
        return objects.get(name).data
    except NotFound:
        return b""


def _index_entry(jobs: Bucket, prefix: str, id: str) -> str | None:
    for listed in islice(jobs.list(prefix), _SCANNED):
        if listed.name.endswith(f"-{id}"):
            return listed.name
    return None
