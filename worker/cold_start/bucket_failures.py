"""The errors of a download from Cloud Storage, as the contract's."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from functions.contract.errors import ModelUnavailable
from worker.cold_start.object_ranges import Stopped


@contextmanager
def bucket_failures(source: str) -> Generator[None]:
    """Raises ModelUnavailable for what Google's clients, the network and the disk raise in the block."""
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (GoogleAPICallError, GoogleAuthError, RequestException, HTTPError, OSError, Stopped) as error:
        raise ModelUnavailable(
            f"{source} cannot be downloaded ({type(error).__name__}). Check the name, the network, and that "
            "the worker's service account may list and read the bucket's objects."
        ) from None
