"""Google's clients, made when they are first needed; the emulator variables are honoured by them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..settings import Settings

if TYPE_CHECKING:
    from google.cloud import pubsub_v1, storage

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_POOL = 100  # connections to Cloud Storage: as many as there are threads that may want one


def storage_client(settings: Settings) -> storage.Client:
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


def publisher(settings: Settings) -> pubsub_v1.PublisherClient:
    """A publisher that sends at once: a job waits for nobody."""
    from google.cloud import pubsub_v1

    del settings  # the project is part of every topic's path
    return pubsub_v1.PublisherClient(
        batch_settings=pubsub_v1.types.BatchSettings(max_messages=1),
    )
