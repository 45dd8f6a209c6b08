"""Secrets by name in environment variables.

Vertex AI and GKE give containers plain variables, which everyone who may read the model or the pod sees. So a
variable may instead name a secret's version, ``sm://projects/P/secrets/S/versions/V``. The container reads it
from Secret Manager when it starts, with its own identity.
https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping

from functions.contract.settings import SettingsError

SCHEME = "sm://"
_NAME = re.compile(r"projects/[^/]+/secrets/[^/]+/versions/[^/]+")
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_URL = "https://secretmanager.googleapis.com"
_SECONDS = 30.0  # for one secret, without retries: the platform restarts the container

Access = Callable[[str], str]


def with_secrets(environment: Mapping[str, str], access: Access | None = None) -> dict[str, str]:
    """Returns the environment with the secrets' values. Raises SettingsError, which names the variable."""
    found = dict(environment)
    for variable, value in environment.items():
        if value.startswith(SCHEME):
            name = _secret_name(variable, value)
            try:
                access = access or secret_manager_access()
                found[variable] = access(name)
            except _access_errors() as error:
                raise SettingsError(
                    f"{variable}: its secret cannot be read ({type(error).__name__})"
                ) from error
    return found


def _secret_name(variable: str, value: str) -> str:
    name = value.removeprefix(SCHEME)
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{variable}: name a secret as {SCHEME}projects/P/secrets/S/versions/V")
    return name


def secret_manager_access(url: str = _URL) -> Access:
    """Returns a function that reads a version by its full name.

    That function raises OSError, GoogleAuthError and ValueError.
    """
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    session = AuthorizedSession(google.auth.default(scopes=_SCOPES)[0])

    def access(name: str) -> str:
        answer = session.get(f"{url}/v1/{name}:access", timeout=_SECONDS)
        answer.raise_for_status()
        try:
            return base64.b64decode(answer.json()["payload"]["data"], validate=True).decode()
        except (KeyError, TypeError, binascii.Error) as error:
            raise ValueError("Secret Manager's answer holds no value.") from error

    return access


def _access_errors() -> tuple[type[Exception], ...]:
    """Returns the errors of a secret that cannot be read; requests' own errors are OSErrors."""
    from google.auth.exceptions import GoogleAuthError

    return (OSError, GoogleAuthError, ValueError)
