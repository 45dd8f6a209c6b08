"""Google's client of Cloud Storage, made on first use. It honours ``STORAGE_EMULATOR_HOST``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..settings import Settings

if TYPE_CHECKING:
    from google.cloud import storage

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_POOL = 100  # connections to Cloud Storage: one for each thread


def storage_client(settings: Settings) -> storage.Client:
    """Returns a client whose connections suffice for all threads of a process."""
    import google.auth
    from google.auth.credentials import AnonymousCredentials
    from google.auth.transport.requests import AuthorizedSession
    from google.cloud import storage
    from requests.adapters import HTTPAdapter

    emulated = bool(os.environ.get("STORAGE_EMULATOR_HOST"))
    credentials = AnonymousCredentials() if emulated else google.auth.default(scopes=_SCOPES)[0]
    session = AuthorizedSession(credentials)
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=_POOL))
    return storage.Client(project=settings.project, credentials=credentials, _http=session)
