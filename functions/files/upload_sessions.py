"""Uploads in pieces: a file that arrives in several requests, on any instance, and can be resumed.

A session is one object, which holds what has arrived and grows by one piece at a time. Its generation is
compared and set, so that a piece is never added twice. Its secret, which the session's address holds, lets a
sender add pieces without a key: the object's name has only the secret's hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace

from ..contract import paths
from ..contract.errors import (
    FileExists,
    InvalidRequest,
    NotFound,
    Overtaken,
    RequestTooLarge,
    Transient,
    WrongOffset,
)
from ..contract.storage.bucket import NEW, ObjectInfo
from ..limits.allowance import take_bytes
from ..services import Services
from .stored_files import (
    FIRST_BYTES,
    MAX_FILE,
    FileLabels,
    StoredFile,
    file_metadata,
    find_file,
    new_file_id,
    remove_expired_file,
)

_OWNER, _FILE, _SIZE, _IS_FINAL = "session-owner", "session-file", "session-size", "session-final"
_SESSION = "file-session"  # on a file: the session that made it
_SECRET = re.compile(r"[A-Za-z0-9_-]{32}\Z")
_SECRET_BYTES = 24
_OTHERS_PIECE = "Another piece of this file is being taken in: send this one again."


@dataclass(frozen=True)
class UploadSession:
    """A file that is being sent. ``announced``: its size as the sender said it at first, or None."""

    name: str
    generation: int
    received: int  # bytes
    owner: str
    file_id: str
    announced: int | None
    labels: FileLabels
    is_final: bool = False

    def metadata(self) -> dict[str, str]:
        """Returns what the session's object says of it."""
        size = "" if self.announced is None else str(self.announced)
        final = {_IS_FINAL: "yes"} if self.is_final else {}
        return {**self.labels.metadata(), _OWNER: self.owner, _FILE: self.file_id, _SIZE: size, **final}


def begin_session(services: Services, owner: str, labels: FileLabels, announced: int | None) -> str:
    """Opens a session and returns its secret. Raises RequestTooLarge and Transient."""
    _check_size(announced or 0)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    file_id = new_file_id(owner, labels)
    session = UploadSession(paths.upload_session(secret), NEW, 0, owner, file_id, announced, labels)
    _write(services, session, b"")
    return secret


def find_session(services: Services, secret: str) -> UploadSession:
    """Returns the session of this secret as it is now. Raises NotFound."""
    try:
        if not _SECRET.match(secret):
            raise NotFound
        return _session_of(services.uploads.stat(paths.upload_session(secret)))
    except NotFound:
        raise NotFound("There is no such upload: it may have expired. Start it again.") from None


def append_piece(services: Services, session: UploadSession, offset: int, piece: bytes) -> UploadSession:
    """Adds a piece and returns the session as it is then. A repeat of the last piece has no effect.

    Raises WrongOffset, RequestTooLarge, InvalidRequest for more than was announced, LimitReached, and
    Transient while another piece is being added.
    """
    if offset != session.received:
        if piece and _is_there(services, session, offset, piece):
            return session
        raise WrongOffset(f"{session.received} bytes of the file have arrived: continue there.")
    _check_size(session.received + len(piece))
    if session.announced is not None and session.received + len(piece) > session.announced:
        raise InvalidRequest(f"The file was announced with {session.announced} bytes, and has more.")
    if not piece:
        return session
    take_bytes(services, session.owner, f"{session.name}/{offset}", len(piece))
    try:
        generation = _add(services, session, piece)
    except (Overtaken, NotFound):
        raise Transient(_OTHERS_PIECE) from None
    return replace(session, generation=generation, received=session.received + len(piece))


def _add(services: Services, session: UploadSession, piece: bytes) -> int:
    if not session.received:
        return _write(services, session, piece)
    uploads, part = services.uploads, paths.new_upload_piece(session.name)
    parts = [(session.name, session.generation), (part, uploads.put(part, piece, if_generation=NEW))]
    try:
        return uploads.compose(session.name, parts, session.metadata(), if_generation=session.generation)
    finally:
        uploads.delete(part)


def _write(services: Services, session: UploadSession, data: bytes) -> int:
    return services.uploads.put(
        session.name,
        data,
        "application/octet-stream",
        if_generation=session.generation,
        metadata=session.metadata(),
    )


def _is_there(services: Services, session: UploadSession, offset: int, piece: bytes) -> bool:
    """Returns True if ``piece`` is the last one that arrived, and its sender did not hear so."""
    if offset < 0 or offset + len(piece) != session.received:
        return False
    return services.uploads.read_range(session.name, session.generation, offset, session.received) == piece


def finish_session(services: Services, session: UploadSession) -> StoredFile:
    """Makes a file of what has arrived. A session that is final already has made it before.

    Raises InvalidRequest for an empty file and for another size than was announced, FileExists where the
    given name is taken, NotFound for a file that was deleted since, and Transient.
    """
    if session.is_final:
        return find_file(services, session.owner, session.file_id)
    if not session.received:
        raise InvalidRequest("The file is empty.", field="file")
    if session.announced not in (None, session.received):
        raise InvalidRequest(
            f"The file was announced with {session.announced} bytes, and {session.received} arrived."
        )
    try:
        file = _make_file(services, session)
    except NotFound:  # of the pieces: an equal request was first, made the same file and let go of them
        if not _session_of(services.uploads.stat(session.name)).is_final:
            raise
        return find_file(services, session.owner, session.file_id)
    with suppress(Overtaken):  # an equal request was first, and made the same file
        _write(services, replace(session, is_final=True), b"")
    return file


def _make_file(services: Services, session: UploadSession) -> StoredFile:
    uploads, digest, start = services.uploads, hashlib.sha256(), b""
    for piece in uploads.read_pieces(session.name, session.generation, session.received):
        digest.update(piece)
        start = start or piece[:FIRST_BYTES]
    metadata = {**file_metadata(session.labels, digest.hexdigest(), start), _SESSION: session.name}
    remove_expired_file(services, session.owner, session.file_id)
    name = paths.uploaded_picture(session.owner, session.file_id)
    try:
        uploads.compose(name, [(session.name, session.generation)], metadata, if_generation=NEW)
    except Overtaken:
        if uploads.stat(name).metadata.get(_SESSION) != session.name:
            raise FileExists("There is a file of this name.", field="file.name") from None
    return find_file(services, session.owner, session.file_id)


def cancel_session(services: Services, session: UploadSession) -> None:
    """Removes a session and what has arrived of its file. The file of one that is final stays."""
    services.uploads.delete(session.name, session.generation)


def _check_size(size: int) -> None:
    if size > MAX_FILE:
        raise RequestTooLarge(f"A file may have {MAX_FILE >> 20} MB.")


def _session_of(found: ObjectInfo) -> UploadSession:
    known = found.metadata
    return UploadSession(
        name=found.name,
        generation=found.generation,
        received=found.size,
        owner=known[_OWNER],
        file_id=known[_FILE],
        announced=int(known[_SIZE]) if known.get(_SIZE) else None,
        labels=FileLabels.from_metadata(known),
        is_final=_IS_FINAL in known,
    )
