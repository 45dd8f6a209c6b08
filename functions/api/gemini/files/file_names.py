"""The names of files in Google's interface: ``files/`` and an id of ours, or what the owner calls it."""

from __future__ import annotations

import re

from ....contract.errors import InvalidRequest
from ....contract.ids import upload_id_for_name
from ....files.stored_files import StoredFile

_PREFIX, _OWN_PREFIX, _JOB = "files/", "up_", "job_"
_OWN_ID = re.compile(r"[a-z2-7]{26}\Z")
_OUTPUT = re.compile(r"batch-[a-z2-7]{26}\Z")  # of a batch's answers
_VIDEO = re.compile(r"clip[a-z2-7]{26}\Z")  # of a job
_GIVEN_NAME = re.compile(r"(?:files/)?([a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)\Z")
_ADDRESS = re.compile(
    r"(?:https?://[^/?#]+(?:/[^?#]*)?/)?files/([a-z0-9-]{1,40})(?::download)?(?:\?[^#]*)?\Z"
)


def name_of_output(batch_id: str) -> str:
    """Returns the name of the file with a batch's answers."""
    return _PREFIX + batch_id.replace("_", "-", 1)


def batch_id_of_output(name: str) -> str | None:
    """Returns the batch whose answers the file ``files/{name}`` has; None for any other file."""
    return name.replace("-", "_", 1) if _OUTPUT.match(name) else None


def name_of_video(job_id: str) -> str:
    """Returns the name of the file of a job's clip. It has no dash: clients read a name up to one."""
    return f"{_PREFIX}clip{job_id.removeprefix(_JOB)}"


def job_id_of_video(name: str) -> str | None:
    """Returns the job whose clip the file ``files/{name}`` is; None for any other file."""
    return _JOB + name.removeprefix("clip") if _VIDEO.match(name) else None


def name_of_file(file: StoredFile) -> str:
    """Returns ``files/NAME``."""
    return _PREFIX + (file.labels.given_name or file.id.removeprefix(_OWN_PREFIX))


def file_id_of_name(owner: str, name: str) -> str:
    """Returns the id of the owner's file, by the part of its name after ``files/``."""
    return _OWN_PREFIX + name if _OWN_ID.match(name) else upload_id_for_name(owner, name)


def file_id_of_address(owner: str, address: str) -> str | None:
    """Returns the id of the owner's file that ``files/NAME`` or a ``File.uri`` names; None for any other
    address.
    """
    found = _ADDRESS.match(address)
    return file_id_of_name(owner, found[1]) if found else None


def check_given_name(name: str) -> str:
    """Returns what a new file's name has after ``files/``. Raises InvalidRequest for a name that no file can
    have.
    """
    found = _GIVEN_NAME.match(name)
    if not found or _OWN_ID.match(found[1]) or _OUTPUT.match(found[1]) or _VIDEO.match(found[1]):
        raise InvalidRequest(
            "A name is files/ and 1 to 40 lowercase letters, digits and dashes, and not 26 letters alone.",
            field="file.name",
        )
    return found[1]
