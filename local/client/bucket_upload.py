"""A picture put into the uploads bucket, as any client of Cloud Storage would, and the job that follows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from functions.contract import ids
from functions.contract.settings import Settings, SettingsError
from functions.contract.storage import storage_client
from local.client.api_client import PlantainClient, RequestRefused, ServiceUnreachable, read_stack_state
from local.client.pictures import CONTENT_TYPES

APPEARS_SECONDS, LOOK_SECONDS = 60, 0.1  # how long an upload's event may take to become a job


@dataclass(frozen=True)
class UploadedObject:
    """The object, and the job that its event starts."""

    uri: str
    job_id: str


def upload_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Returns the variables for Google's client: those of a deployment, or those of the running stack.

    Raises ServiceUnreachable when a deployment is named without its bucket, or no stack runs.
    """
    if not environment.get("PLANTAIN_URL"):
        return dict(read_stack_state(environment)["environment"])
    if not environment.get("PLANTAIN_UPLOADS_BUCKET"):
        raise ServiceUnreachable("Name the deployment's bucket: PLANTAIN_UPLOADS_BUCKET=BUCKET.")
    # The other buckets are not touched; the settings want them to be there, and to be different.
    others = {"PLANTAIN_RESULTS_BUCKET": "results", "PLANTAIN_JOBS_BUCKET": "jobs", "PLANTAIN_PROJECT": "-"}
    return {**others, **{name: text for name, text in environment.items() if name.startswith("PLANTAIN_")}}


def upload_file(
    file: Path, name: str, metadata: Mapping[str, str], environment: Mapping[str, str]
) -> UploadedObject:
    """Puts ``file`` into the uploads bucket as ``name``.

    Raises OSError for the file, and ServiceUnreachable where Cloud Storage does not take it.
    """
    data = file.read_bytes()
    try:
        settings = Settings.from_environment(environment)
        with _emulator_hosts(environment):
            client = storage_client.storage_client(settings)
        blob = client.bucket(settings.uploads_bucket).blob(name)
        blob.metadata = dict(metadata)
        content_type = CONTENT_TYPES.get(file.suffix.lower(), "application/octet-stream")
        blob.upload_from_string(data, content_type=content_type)
    except (GoogleAPIError, GoogleAuthError, SettingsError) as error:
        raise ServiceUnreachable(f"Cloud Storage did not take the upload: {_error_text(error)}") from None
    job_id = ids.job_id_for_upload(settings.uploads_bucket, name, int(blob.generation or 0))
    return UploadedObject(f"gs://{settings.uploads_bucket}/{name}", job_id)


@contextmanager
def _emulator_hosts(environment: Mapping[str, str]) -> Generator[None]:
    """Points Google's client, which reads the process's own environment when it is made, at the emulators."""
    named = {name: text for name, text in environment.items() if name.endswith("_EMULATOR_HOST")}
    before = {name: os.environ.get(name) for name in named}
    os.environ |= named
    try:
        yield
    finally:
        for name, text in before.items():
            if text is None:
                del os.environ[name]
            else:
                os.environ[name] = text


def _error_text(error: Exception) -> str:
    return str(getattr(error, "message", "") or error)


def wait_for_job(
    plantain: PlantainClient, uploaded: UploadedObject, pause: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """Returns the upload's job, once the event has created it.

    Raises ServiceUnreachable when none appears.
    """
    for _ in range(round(APPEARS_SECONDS / LOOK_SECONDS)):
        try:
            return plantain.job(uploaded.job_id)
        except RequestRefused as error:
            if error.code != "not_found":
                raise
        pause(LOOK_SECONDS)
    raise ServiceUnreachable(
        f"{uploaded.uri} is uploaded, but {uploaded.job_id} does not appear within {APPEARS_SECONDS} s: the "
        "event has not come, or the job belongs to another owner (PLANTAIN_UPLOADS_OWNER)."
    )
