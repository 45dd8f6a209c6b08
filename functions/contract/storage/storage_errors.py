"""The errors of Google's storage client, as Plantain's own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache

from google.api_core import exceptions as google
from google.auth.exceptions import GoogleAuthError
from requests.exceptions import RequestException

from ..errors import InvalidRequest, NotFound, Overtaken, StorageRefused, Transient


@cache
def _connection_errors() -> tuple[type[Exception], ...]:
    """Returns the errors of a connection that fails, or of content that arrives damaged."""
    from google.cloud.storage.exceptions import DataCorruption

    return (RequestException, GoogleAuthError, DataCorruption, ConnectionError)


@contextmanager
def typed_errors(name: str) -> Generator[None]:
    """Maps Google's errors to ours. Transient is only what another try can mend."""
    try:
        yield
    except google.NotFound:
        raise NotFound(f"There is no object {name}.") from None
    except google.PreconditionFailed:
        raise Overtaken(f"Another writer was first: {name} has changed.") from None
    except google.BadRequest:
        raise InvalidRequest("Cloud Storage has no objects of such a name or generation.") from None
    except (google.Unauthorized, google.Forbidden) as error:
        raise StorageRefused(f"Cloud Storage refused {name}: the service account lacks a role.") from error
    except (google.ServerError, google.TooManyRequests, google.RetryError) as error:
        raise Transient(f"Cloud Storage did not answer: {type(error).__name__}.") from error
    except _connection_errors() as error:
        raise Transient(f"Cloud Storage cannot be reached: {type(error).__name__}.") from error


@contextmanager
def typed_upload_errors(name: str) -> Generator[None]:
    """Does the same for an upload in pieces, whose refusals Google's client does not map itself."""
    from google.cloud.storage.exceptions import InvalidResponse

    with typed_errors(name):
        try:
            yield
        except InvalidResponse as error:
            raise google.from_http_status(error.response.status_code, "the upload was refused") from error
