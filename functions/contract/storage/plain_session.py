"""A session that sends requests which are complete as they are, past what ``requests`` does for every caller.

Google's client of Cloud Storage gives whole addresses, headers and bytes. For each request, ``requests``
would still merge cookies, parameters, authentication and hooks: nearly half of what a small request costs.
"""

from __future__ import annotations

from typing import Any

import requests
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

_WITHOUT_BODY = ("GET", "HEAD")


class _PlainRequests(requests.Session):
    """Sends a request of bytes or text as it is. Leaves every other one to ``requests``. Keeps no cookies."""

    def request(self, method: str, url: Any, *arguments: Any, **options: Any) -> requests.Response:
        """Returns the response. Raises what ``requests.Session.request`` does."""
        if arguments or not options.keys() <= {"data", "headers", "timeout", "stream"}:
            return super().request(method, url, *arguments, **options)
        body = options.get("data")
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(url, str) or not isinstance(body, bytes | None):
            return super().request(method, url, *arguments, **options)
        return self._send_plain(self._plain_request(method, url, body, options.get("headers")), options)

    def _plain_request(
        self, method: str, url: str, body: bytes | None, headers: Any
    ) -> requests.PreparedRequest:
        plain = requests.PreparedRequest()
        plain.method, plain.url, plain.body = method.upper(), url, body or None
        plain.headers = CaseInsensitiveDict(self.headers)
        plain.headers.update(headers or {})
        if body or plain.method not in _WITHOUT_BODY:
            plain.headers["Content-Length"] = str(len(body or b""))
        plain._cookies = RequestsCookieJar()  # pyright: ignore[reportPrivateUsage] - a redirect copies it
        return plain

    def _send_plain(self, plain: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        is_streamed = bool(options.get("stream"))
        way: dict[str, Any] = {
            "stream": is_streamed,
            "timeout": options.get("timeout"),
            "verify": self.verify,
            "cert": self.cert,
            "proxies": self.proxies,
        }
        response = self.get_adapter(str(plain.url)).send(plain, **way)
        if response.is_redirect:
            *_, response = self.resolve_redirects(response, plain, **way)
        if not is_streamed:
            _ = response.content  # reads it, so that the connection is free again
        return response


class PlainSession(AuthorizedSession, _PlainRequests):
    """Google's authorised session, which renews credentials, on ``_PlainRequests``.

    It reads no environment: its user sets proxies and certificates.
    """

    def __init__(self, credentials: Credentials) -> None:
        super().__init__(credentials)
        self.trust_env = False
