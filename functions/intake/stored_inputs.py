"""Stored inputs: inline pictures become objects of the job, named by their content.

Requests with one Idempotency-Key may write side by side. Those with the same pictures share the objects;
others have their own. A request that does not win the job removes the objects that the job's record does not
name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from ..contract import paths
from ..contract.errors import NotFound
from ..contract.job import JobRecord
from ..contract.request import ImageInput, JobRequest
from ..contract.states import State
from ..contract.storage.bucket import Bucket
from ..contract.storage.job_store import JobStore
from .input_pictures import InputPicture, RequestPictures

Written = tuple[str, int]  # an object's name and generation


@dataclass
class StoredInputs:
    """Stores one request's inline pictures, and remembers which it has stored."""

    jobs: Bucket
    job_id: str
    written: set[Written] = field(default_factory=set[Written])

    def store(self, request: JobRequest, inputs: RequestPictures) -> JobRequest:
        """Returns the request as it is recorded: every picture is an object at one generation."""
        images = tuple(self._one(picture) for picture in inputs.images)
        mask = self._one(inputs.mask) if inputs.mask else None
        return request.model_copy(update={"images": images, "mask": mask})

    def _one(self, picture: InputPicture) -> ImageInput:
        if picture.data is None:
            return picture.given
        name = paths.input_picture(self.job_id, hashlib.sha256(picture.data).hexdigest())
        generation = self.jobs.put_once(name, picture.data, picture.facts.media_type)
        self.written.add((name, generation))
        return ImageInput(uri=f"gs://{self.jobs.name}/{name}", generation=generation)

    def withdraw(self, store: JobStore) -> None:
        """Removes what was stored here and is not in the job's record."""
        if not self.written:
            return
        for name, generation in self.written - _named_inputs(store, self.job_id):
            self.jobs.delete(name, generation)


def remove_unnamed_inputs(store: JobStore, job_id: str) -> None:
    """Removes every stored input of the job that its record does not name; all of them if the job
    was deleted.
    """
    named = _named_inputs(store, job_id)
    for found in store.bucket.list(paths.inputs_prefix(job_id)):
        if (found.name, found.generation) not in named:
            store.bucket.delete(found.name, found.generation)


def _named_inputs(store: JobStore, job_id: str) -> set[Written]:
    """Returns the inputs that the job's record names: none for a blocked or a deleted job."""
    try:
        record = store.read(job_id).record
    except NotFound:
        return set()
    return set() if record.state is State.BLOCKED else _inputs_in_record(record, store.bucket.name)


def _inputs_in_record(record: JobRecord, bucket: str) -> set[Written]:
    pictures = [*record.request.images, *([record.request.mask] if record.request.mask else ())]
    start = f"gs://{bucket}/"
    return {(each.uri.removeprefix(start), each.generation or 0) for each in pictures if each.uri}
