"""Files."""

from __future__ import annotations

from typing import Literal

from ...description.operation import DescribedModel


class FileObject(DescribedModel):
    """A file that the caller keeps for later requests."""

    id: str
    object: Literal["file"]
    bytes: int
    created_at: int
    expires_at: int | None
    filename: str
    purpose: str
    status: str


class FileList(DescribedModel):
    """A page of a listing of files."""

    object: Literal["list"]
    data: tuple[FileObject, ...]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedFile(DescribedModel):
    """A file that was deleted."""

    id: str
    object: Literal["file"]
    deleted: bool
