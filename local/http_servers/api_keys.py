"""API keys for servers that other machines can reach: PLANTAIN_API_KEYS_FILE and PLANTAIN_API_KEYS, as the
API has them.

Callers of this machine need no key. Google's clients send none to an emulator, and a program that reaches
127.0.0.1 can read the data directory as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import grpc
from grpc import aio
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.contract.api_keys.digests import KEYS_VARIABLE, owner_of_key, parse_owners
from functions.contract.api_keys.key_list import KeyScope
from functions.contract.api_keys.keys_file import KeysFile, keys_file_at
from functions.contract.api_keys.sent_keys import find_sent_keys
from functions.contract.document import now
from functions.contract.errors import InvalidRequest, Transient
from local.http_servers.google_errors import error_response
from local.http_servers.listening import is_loopback, is_own

FILE_VARIABLE = "PLANTAIN_API_KEYS_FILE"
_NO_KEY = "Send one of the server's API keys: Authorization: Bearer, X-API-Key, X-Goog-Api-Key or ?key=."


class ApiKeys:
    """The valid keys: SHA-256 digests with their owners, and the list in a file."""

    def __init__(self, owners: Mapping[str, str], file: KeysFile | None = None) -> None:
        self._owners = owners
        self._file = file

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ApiKeys | None:
        """Returns the keys that the variables name; None where they name none. Raises InvalidRequest."""
        text = environment.get(KEYS_VARIABLE, "").strip()
        owners, path = parse_owners(text) if text else {}, environment.get(FILE_VARIABLE)
        return cls(owners, _open_list(Path(path)) if path else None) if owners or path else None

    def accept(
        self, headers: Mapping[str, str], query: str = "", *, needed: KeyScope | None = "admin"
    ) -> bool:
        """Tells whether a request's key is good and may do what needs the scope; header names are in small
        letters.
        """
        sent = find_sent_keys(headers, parse_qs(query).get("key", []))
        return len(sent.named) < 2 and any(self._is_good(key, needed) for key in sent.counting)

    def _is_good(self, key: str, needed: KeyScope | None) -> bool:
        if owner_of_key(key, self._owners) is not None:
            return True
        if self._file is None:
            return False
        listed = self._file.current()
        if found := listed.find_entry(key):
            _, entry = found
            return entry.refusal(now()) is None and (needed is None or needed in entry.scopes)
        return listed.find_plain_owner(key) is not None


def _open_list(path: Path) -> KeysFile:
    """Returns a reader of a list that can be read now. Raises InvalidRequest."""
    file = keys_file_at(str(path))
    try:
        file.current()
    except Transient:
        raise InvalidRequest(
            f"{FILE_VARIABLE}: {file.fault}. `plantain keys create` makes the file."
        ) from None
    return file


def check_host(host: str, keys: ApiKeys | None, *, open_to_all: bool = False) -> None:
    """Raises InvalidRequest for a host that others reach, where no keys keep them out."""
    if not is_loopback(host) and keys is None and not open_to_all:
        raise InvalidRequest(
            f"{host} can be reached from other machines, and there are no keys. Set {FILE_VARIABLE} to a file"
            f" that `plantain keys` has made, or {KEYS_VARIABLE}"
            ' (JSON: {"SHA-256 of a key": "owner"}), or listen on 127.0.0.1.'
        )


class KeyGuard:
    """An ASGI application that callers from elsewhere reach with a key only: one that has the scope."""

    def __init__(
        self, application: ASGIApp, keys: ApiKeys | None, *, needed: KeyScope | None = "admin"
    ) -> None:
        self._application = application
        self._keys = keys
        self._needed: KeyScope | None = needed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._keys and not _is_from_here(scope):
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            query = scope["query_string"].decode("latin-1")
            if not self._keys.accept(headers, query, needed=self._needed):
                await error_response(401, _NO_KEY)(scope, receive, send)
                return
        await self._application(scope, receive, send)


class KeyInterceptor(aio.ServerInterceptor):
    """The same for a gRPC server that only callers from elsewhere are led to."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    async def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        metadata = {str(name): str(value) for name, value in handler_call_details.invocation_metadata or ()}
        if self._keys.accept(metadata):
            return await continuation(handler_call_details)
        return grpc.unary_unary_rpc_method_handler(_abort_call)


async def _abort_call(_: bytes, context: aio.ServicerContext[bytes, bytes]) -> bytes:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, _NO_KEY)


def _is_from_here(scope: Scope) -> bool:
    client, server = scope.get("client"), scope.get("server")
    return client is not None and is_own(str(client[0]), str(server[0]) if server else "")
