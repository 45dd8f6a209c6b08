"""A stand-in for Identity-Aware Proxy: it signs assertions, and serves its public keys over HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.auth import jwt
from google.auth.crypt import EsSigner

AUDIENCE = "/projects/123/global/backendServices/456"
ADA = {"sub": "accounts.google.com:1", "email": "ada@example.com"}


class IapSigner:
    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.status = 200
        self.public: dict[str, str] = {}
        self._signers: dict[str, EsSigner] = {}
        self.add_key("k1")

    def add_key(self, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self._signers[name] = EsSigner(key, name)
        self.public[name] = (
            key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def sign(self, key: str = "k1", **claims: Any) -> str:
        now = int(time.time())
        whole = {
            "iss": "https://cloud.google.com/iap",
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 600,
            **claims,
        }
        return jwt.encode(self._signers[key], whole).decode()


@contextmanager
def running_iap() -> Generator[IapSigner]:
    iap = IapSigner()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            iap.asked += 1
            body = json.dumps(iap.public).encode()
            self.send_response(iap.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    iap.url = f"http://127.0.0.1:{server.server_port}/keys"
    try:
        yield iap
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
