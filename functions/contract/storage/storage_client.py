"""Google's client of Cloud Storage, made on first use. It honours ``STORAGE_EMULATOR_HOST``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..settings import Settings

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.auth.transport.requests import AuthorizedSession
    from google.cloud import storage

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_POOL = 100  # connections to Cloud Storage: one for each thread
_SERVICE = "https://storage.googleapis.com"
_NO_BUCKET_FACTS = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"


def storage_client(settings: Settings) -> storage.Client:
    """Returns a client whose connections suffice for all threads of a process."""
    from google.cloud import storage

    # For spans that are not recorded, the client asks for the bucket after each object that is missing, in a
    # thread that takes the processor from the request.
    os.environ.setdefault(_NO_BUCKET_FACTS, "true")
    session = authorized_session()
    return storage.Client(project=settings.project, credentials=session.credentials, _http=session)


def authorized_session() -> AuthorizedSession:
    """Returns a session for requests to Cloud Storage by all threads of a process."""
    import google.auth
    from google.auth.credentials import AnonymousCredentials

    emulator = os.environ.get("STORAGE_EMULATOR_HOST")
    credentials = AnonymousCredentials() if emulator else google.auth.default(scopes=_SCOPES)[0]
    return _open_session(credentials, emulator or _SERVICE)


def _open_session(credentials: Credentials, address: str) -> AuthorizedSession:
    """Returns a session that reads the environment's proxies and certificates once.

    By default ``requests`` searches all variables twice at each request, and ``~/.netrc`` too: a third of
    what a small request costs.
    """
    from requests.utils import get_environ_proxies

    from .joined_requests import JoiningAdapter
    from .plain_session import PlainSession

    session = PlainSession(credentials)
    for scheme in ("http://", "https://"):
        session.mount(scheme, JoiningAdapter(pool_connections=4, pool_maxsize=_POOL))
    session.proxies = get_environ_proxies(address)
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    return session
