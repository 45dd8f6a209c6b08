"""Every id: of a job, a batch, an event, an upload, an owner. Most are hashes of what they stand for, so
that the same thing always has the same id; the others are random.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from .errors import InvalidRequest

_BYTES = 16
JOB_ID = re.compile(r"^job_[a-z2-7]{26}\Z")  # not "$": that lets a newline follow
BATCH_ID = re.compile(r"^batch_[a-z2-7]{26}\Z")


def new_job_id() -> str:
    """Returns an id at random."""
    return _encode_name("job_", secrets.token_bytes(_BYTES))


def job_id_for_key(owner: str, idempotency_key: str) -> str:
    """Returns the job id of a key: the same key of the same owner always names the same job."""
    return _encode_name("job_", _sha256("key", owner, idempotency_key))


def job_id_for_upload(bucket: str, name: str, generation: int) -> str:
    """Returns the job id of an upload: the same one however often its event comes."""
    return _encode_name("job_", _sha256("upload", bucket, name, str(generation)))


def job_id_for_line(batch_id: str, line: int) -> str:
    """Returns the job id of a batch's line: the same line of the same batch always names the same job."""
    return _encode_name("job_", _sha256("line", batch_id, str(line)))


def check_job_id(text: str) -> str:
    """Returns the id. Raises InvalidRequest for a text that is none."""
    if not JOB_ID.match(text):
        raise InvalidRequest("A job id is job_ and 26 letters and digits.")
    return text


def new_batch_id() -> str:
    """Returns an id at random."""
    return _encode_name("batch_", secrets.token_bytes(_BYTES))


def batch_id_for_key(owner: str, idempotency_key: str) -> str:
    """Returns the batch id of a key: the same key of the same owner always names the same batch."""
    return _encode_name("batch_", _sha256("batch-key", owner, idempotency_key))


def batch_id_for_upload(bucket: str, name: str, generation: int) -> str:
    """Returns the batch id of an uploaded file: the same one however often its event comes."""
    return _encode_name("batch_", _sha256("batch-upload", bucket, name, str(generation)))


def batch_source(batch_id: str, line: int) -> str:
    """Returns the source that a job's record has when a line of a batch asked for the job."""
    return f"{batch_id}/{line}"


def batch_of_source(source: str | None) -> tuple[str, int] | None:
    """Returns the batch and the line that ``batch_source`` named; None for any other source."""
    batch_id, _, line = (source or "").partition("/")
    return (batch_id, int(line)) if BATCH_ID.match(batch_id) and line.isdecimal() else None


def event_id(job_id: str) -> str:
    """Returns the id of the one event of a job's or a batch's end."""
    return _encode_name("evt_", _sha256("event", job_id))


def new_upload_id() -> str:
    """Returns an id at random."""
    return _encode_name("up_", secrets.token_bytes(_BYTES))


def upload_id_for_name(owner: str, name: str) -> str:
    """Returns the id of the file to which its owner gave a name."""
    return _encode_name("up_", _sha256("file-name", owner, name))


def owner_hash(owner: str) -> str:
    """Returns what stands for the owner in names of objects, which show no address of a person."""
    return _encode_name("", _sha256("owner", owner))


def receiver_name(owner: str, authority: str) -> str:
    """Returns the name of an owner's receiver at ``authority`` (host and port): a hash of both."""
    return _encode_name("", _sha256("receiver", owner, authority))


def watermark_payload(job_id: str, n: int) -> int:
    """Returns the 64 bits that mark picture ``n``: the same for every attempt, and apparently random."""
    return int.from_bytes(_sha256("mark", job_id, str(n))[:8])


def _encode_name(prefix: str, raw: bytes) -> str:
    return prefix + base64.b32encode(raw[:_BYTES]).decode().rstrip("=").lower()


def _sha256(*parts: str) -> bytes:
    return hashlib.sha256("\x00".join(parts).encode()).digest()
