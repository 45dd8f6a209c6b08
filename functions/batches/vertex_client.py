"""Vertex AI's service of batch prediction jobs, with Plantain's own errors."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from ..contract.batch import BatchRecord
from ..contract.document import now
from ..contract.errors import ModelUnavailable, Transient
from ..contract.settings import Settings

if TYPE_CHECKING:
    from google.cloud.aiplatform_v1 import JobServiceClient

_PATIENCE = timedelta(minutes=15)  # a role that was granted just now takes minutes to be seen everywhere


def connect_client(settings: Settings) -> JobServiceClient:
    """Returns a client. The import takes a second that a start has not; REST holds no idle
    connection open.
    """
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.aiplatform_v1 import JobServiceClient

    location = (settings.vertex_model or "").split("/")[3]
    emulated = settings.is_local and settings.vertex_url
    return JobServiceClient(
        transport="rest",
        credentials=AnonymousCredentials() if emulated else None,
        client_options={"api_endpoint": settings.vertex_url or f"{location}-aiplatform.googleapis.com"},
    )


def not_found_error() -> type[Exception]:
    """Returns the class of the error for a prediction job that is gone."""
    from google.api_core.exceptions import NotFound as Gone

    return Gone


@contextmanager
def typed_errors(record: BatchRecord) -> Generator[None]:
    """Maps Google's errors to ours. A refusal is ModelUnavailable, but Transient for a while at
    the beginning.
    """
    from google.api_core import exceptions as google
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    try:
        yield
    except (google.Unauthorized, google.Forbidden, google.NotFound) as error:
        if now() - record.created < _PATIENCE:
            raise Transient(f"Vertex AI refused the batch for now: {type(error).__name__}.") from error
        raise _refusal_of(error) from error
    except google.BadRequest as error:
        raise _refusal_of(error) from error
    except (google.GoogleAPIError, GoogleAuthError, RequestException, ConnectionError) as error:
        raise Transient(f"Vertex AI did not answer: {type(error).__name__}.") from error


def _refusal_of(error: Exception) -> ModelUnavailable:
    return ModelUnavailable(
        f"Vertex AI does not take the batch ({type(error).__name__}): check PLANTAIN_VERTEX_MODEL and roles."
    )
