"""Creates batches: from a file in the uploads bucket, or from one that a caller of the API names."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from ..cloud_events import FinalizedObject
from ..contract import ids, paths
from ..contract.batch import BatchBackend, BatchDialect, BatchRecord, BatchState, BatchWebhook
from ..contract.document import DocumentPart, now, sha256_of_json
from ..contract.errors import (
    Deleted,
    ErrorFacts,
    IdempotencyConflict,
    InvalidRequest,
    ModelUnavailable,
    NotFound,
    Overtaken,
    PlantainError,
    StorageRefused,
    Transient,
)
from ..contract.object_names import ObjectName
from ..contract.storage.batch_store import BatchStore
from ..contract.telemetry.log import log
from ..intake.strict_json import parse_json_object, parse_model
from ..intake.upload_recipes import find_instruction
from ..limits.allowance import counted_size, limits_of, take_bytes
from ..notifications.webhooks import check_webhook
from ..owners import owner_of_upload
from ..services import Services
from .request_lines import is_written_for_google

_LANE, _WEBHOOK = f"{paths.INSTRUCTION}lane", f"{paths.INSTRUCTION}webhook"
_LONGEST_JOB = 86_400  # seconds: the last line of a long file waits for all others
_START = 64 * 2**10  # bytes of a file that tell for whom it is written
_NOT_FOR_LINES = ("images", "mask", "dry_run")


@dataclass(frozen=True)
class CreatedBatch:
    """A batch, and whether this call made it."""

    record: BatchRecord
    created: bool  # False: the batch existed before


class BatchOptions(DocumentPart):
    """The options of a batch. ``lane`` None: as the deployment's settings say."""

    lane: BatchBackend | None = None
    webhook: BatchWebhook | None = None
    defaults: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class RequestFile:
    """The object that holds the lines. ``contents`` identifies its bytes, for files that a key may repeat."""

    name: ObjectName
    generation: int
    options: BatchOptions = field(default_factory=BatchOptions)
    contents: str | None = None
    dialect: BatchDialect | None = None  # the interface that its lines are written for; None: Plantain's own
    owes_answers: bool = False  # files of answers are written before the batch ends

    @property
    def fingerprint(self) -> str:
        """Returns a hash that a repeated key's body must match. The same lines uploaded again have the same
        hash.
        """
        asked = self.options.model_dump(mode="json", exclude_none=True)
        if self.dialect is not None:
            asked["dialect"] = self.dialect.model_dump(mode="json")
        return sha256_of_json({"file": self.contents or f"{self.name}#{self.generation}", **asked})


def is_batch_file(uploaded: FinalizedObject) -> bool:
    """Returns True if the name of an uploaded object says that it is a file of requests."""
    return uploaded.name.lower().endswith(paths.BATCH_FILE)


def is_for_another_interface(services: Services, uploaded: FinalizedObject) -> bool:
    """Returns True for a file of Google's requests, which wait for a call that names them.

    Raises Transient.
    """
    try:
        size = services.uploads.stat(uploaded.name, uploaded.generation).size
        start = next(services.uploads.read_pieces(uploaded.name, uploaded.generation, size, _START), b"")
    except (NotFound, InvalidRequest):  # gone, or of a name that is refused: the batch's own error says so
        return False
    return is_written_for_google(start)


def create_from_upload(services: Services, uploaded: FinalizedObject) -> None:
    """Creates the batch of an uploaded file; a batch that has failed already if its instruction is not valid.

    Raises Transient.
    """
    batch_id = ids.batch_id_for_upload(uploaded.bucket, uploaded.name, uploaded.generation)
    owner, name = (
        owner_of_upload(services.settings, uploaded.name),
        ObjectName(uploaded.bucket, uploaded.name),
    )
    try:
        uploaded.check_name()
        file, error = RequestFile(name, uploaded.generation, _options_of_upload(services, uploaded)), None
        _check_options(services, file.options)
    except (Transient, StorageRefused):
        raise
    except PlantainError as wrong:
        file, error = RequestFile(name, uploaded.generation), wrong.facts()
    try:
        create_batch(services, batch_id, owner, file, error=error)
    except Deleted:
        log("batch.ignored", batch_id=batch_id, reason="it was deleted")


def _options_of_upload(services: Services, uploaded: FinalizedObject) -> BatchOptions:
    """Reads the options from the metadata. Its other fields, or the folder's recipe, are defaults of
    every line.
    """
    metadata = {key.lower(): text for key, text in uploaded.metadata.items()}
    lane, webhook = metadata.pop(_LANE, None), metadata.pop(_WEBHOOK, None)
    defaults = find_instruction(services.uploads, uploaded.name, metadata) or {}
    options = {
        "lane": lane,
        "webhook": None if webhook is None else _parse_webhook(webhook),
        "defaults": {key: value for key, value in defaults.items() if key not in _NOT_FOR_LINES},
    }
    return parse_model(BatchOptions, options)


def _parse_webhook(text: str) -> dict[str, Any]:
    try:
        return parse_json_object(text.encode())
    except InvalidRequest:
        raise InvalidRequest("The metadata plantain-webhook must be a JSON object.", field=_WEBHOOK) from None


def create_from_request(
    services: Services, owner: str, file: RequestFile, idempotency_key: str | None
) -> CreatedBatch:
    """Creates the batch that a caller asks for, or finds the one that the same key made before.

    Raises InvalidRequest, InvalidWebhook, ModelUnavailable, IdempotencyConflict, LimitReached, and Transient.
    """
    batch_id = ids.new_batch_id()
    if idempotency_key is not None:
        batch_id = ids.batch_id_for_key(owner, idempotency_key)
    _check_options(services, file.options)
    return create_batch(services, batch_id, owner, file, by_key=idempotency_key is not None)


def _check_options(services: Services, options: BatchOptions) -> None:
    if options.webhook:
        check_webhook(options.webhook, services.settings)
    if options.lane == "vertex-batch" and services.settings.vertex_model is None:
        raise ModelUnavailable("This deployment has no model for Vertex AI batches: leave the lane out.")
    unknown = [name for name in _NOT_FOR_LINES if name in options.defaults]
    if unknown:
        raise InvalidRequest("That belongs to a line of its own.", field=f"defaults.{unknown[0]}")


def create_batch(
    services: Services,
    batch_id: str,
    owner: str,
    file: RequestFile,
    *,
    error: ErrorFacts | None = None,
    by_key: bool = False,
) -> CreatedBatch:
    """Records the batch, once. The write of its record triggers the reading of the file.

    Raises IdempotencyConflict, Deleted, LimitReached, and Transient.
    """
    store, created = services.batch_store, now()
    if there := _find_existing(store, batch_id):
        return _answer_existing(there, file, by_key=by_key)
    if error is None:
        _take_bytes(services, batch_id, owner, file)
    record = BatchRecord(
        id=batch_id,
        owner=owner,
        source=str(file.name),
        generation=file.generation,
        request_sha256=file.fingerprint,
        lane=file.options.lane or services.settings.batch_lane,
        webhook=file.options.webhook,
        defaults={"deadline_seconds": _LONGEST_JOB, **file.options.defaults},
        dialect=file.dialect,
        answer_files="owed" if file.owes_answers else None,
        state=BatchState.READING,
        created=created,
        updated=created,
        error=error,
    )
    writer = store.markers.enter(batch_id)
    try:
        record = store.create(record).record
    except (Overtaken, NotFound):  # created by the same event or key; it may have ended or be deleted by now
        store.markers.leave(batch_id, writer)
        return _answer_existing(store.read(batch_id).record, file, by_key=by_key)
    store.markers.mark(batch_id, **{writer.key: None})
    store.put_in_index(record)
    log("batch.begun", batch_id=batch_id, lane=record.lane)
    return CreatedBatch(record, created=True)


def _take_bytes(services: Services, batch_id: str, owner: str, file: RequestFile) -> None:
    """Counts the bytes of the file, unless they counted when it was stored. Raises LimitReached and
    Transient.
    """
    if limits_of(owner, services.settings).bytes_per_day is None:
        return
    with suppress(NotFound):  # the reading of the file tells
        found = services.open_bucket(file.name.bucket).stat(file.name.name, file.generation)
        take_bytes(services, owner, batch_id, counted_size(found))


def _find_existing(store: BatchStore, batch_id: str) -> BatchRecord | None:
    try:
        return store.read(batch_id).record
    except Deleted:
        raise
    except NotFound:
        return None


def _answer_existing(record: BatchRecord, file: RequestFile, *, by_key: bool) -> CreatedBatch:
    """Returns the batch that exists. With ``by_key`` the body must agree; an upload's recipe may have changed
    since.
    """
    if by_key and record.request_sha256 != file.fingerprint:
        raise IdempotencyConflict("The Idempotency-Key was used with another body: use a new key.")
    return CreatedBatch(record, created=False)
