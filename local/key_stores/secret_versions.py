"""The list of keys in Secret Manager: each change is a new version of one secret.

https://cloud.google.com/secret-manager/docs/reference/rest (read 2026-11)
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import httpx

from functions.contract.api_keys.key_list import MAX_BYTES, KeyList
from functions.contract.errors import InvalidRequest
from local.key_stores.key_store import EditList, StoreRefused

URL = "https://secretmanager.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_SECONDS = 30.0
_SAYS = {
    401: "Sign in: gcloud auth application-default login.",
    403: "Your account needs the roles secretmanager.secretAccessor and secretVersionAdder on it.",
    404: "There is no such secret: Terraform makes it with api_keys = true.",
}


@dataclass(frozen=True)
class _Version:
    number: int
    listed: KeyList


class SecretVersions:
    """The versions of the secret ``projects/PROJECT/secrets/NAME``.

    Secret Manager adds a version whatever the newest one is. So after each change the numbers are looked at:
    a gap says that others changed the list meanwhile, and all lists since are merged into a further version.
    """

    def __init__(self, secret: str, token: Callable[[], str], url: str = URL) -> None:
        self._secret = secret
        self._token = token
        self._client = httpx.Client(base_url=url, timeout=_SECONDS)

    def read(self) -> KeyList:
        """Returns the newest list. Raises StoreRefused, DamagedDocument and UnsupportedVersion."""
        return self._access("latest").listed

    def change(self, edit: EditList) -> None:
        """Adds versions until the newest holds every change. Raises what ``read`` raises, and InvalidRequest
        for a list that is too long.
        """
        base = self._access("latest")
        listed = edit(base.listed)
        while (added := self._add(listed)) != base.number + 1:
            others = [self._access(str(number)).listed for number in range(base.number + 1, added)]
            listed = edit(reduce(KeyList.merged_with, others, listed))
            base = _Version(added, listed)

    def _access(self, version: str) -> _Version:
        answer = self._send("GET", f"/v1/{self._secret}/versions/{version}:access")
        if answer.status_code == 404 and version == "latest":  # the secret has no version yet
            return _Version(0, KeyList())
        found = _checked(answer)
        data = base64.b64decode(found["payload"]["data"])
        return _Version(_number_of(found["name"]), KeyList.parse(data))

    def _add(self, listed: KeyList) -> int:
        data = listed.encode()
        if len(data) > MAX_BYTES:
            raise InvalidRequest("The list is full: a secret holds 64 KiB. Take revoked keys out of it.")
        body = {"payload": {"data": base64.b64encode(data).decode()}}
        return _number_of(_checked(self._send("POST", f"/v1/{self._secret}:addVersion", body))["name"])

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            return self._client.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise StoreRefused(
                f"Secret Manager does not answer ({type(error).__name__}): try again."
            ) from None


def _checked(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    says = _SAYS.get(answer.status_code, "Try again.")
    raise StoreRefused(f"Secret Manager answered {answer.status_code}. {says}")


def _number_of(name: str) -> int:
    return int(name.rpartition("/")[2])


def application_token() -> str:
    """Returns an access token of the application default credentials. Raises StoreRefused."""
    import google.auth
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import Request

    try:
        credentials: Any = google.auth.default(scopes=[_SCOPE])[0]
        credentials.refresh(Request())
    except GoogleAuthError as error:
        raise StoreRefused(
            f"{type(error).__name__}: sign in with gcloud auth application-default login."
        ) from None
    return str(credentials.token)
