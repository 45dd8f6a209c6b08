"""Cloud KMS's REST surface on the laptop, as far as signing goes; it has a real key and really signs."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import google_crc32c
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY = "projects/p/locations/europe-west1/keyRings/plantain/cryptoKeys/credentials/cryptoKeyVersions/1"
_HASHES = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}


@dataclass
class KmsServer:
    """Answers for one key version; ``failures`` are statuses that the next calls get instead."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    algorithm: str
    failures: list[int] = field(default_factory=list[int])
    damaged: bool = False  # whether signatures are hurt on their way
    signatures: int = 0
    address: str = ""

    def __enter__(self) -> KmsServer:
        kms = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(kms.public_key() if self.path == f"/v1/{KEY}/publicKey" else None)

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(kms.sign(asked) if self.path == f"/v1/{KEY}:asymmetricSign" else None)

            def _answer(self, body: dict[str, Any] | None) -> None:
                status = kms.failures.pop(0) if kms.failures else 200 if body else 404
                data = json.dumps(body if status == 200 else {"error": {"code": status}}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def public_key(self) -> dict[str, Any]:
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {"name": KEY, "algorithm": self.algorithm, "pem": pem.decode(), "protectionLevel": "HSM"}

    def sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        ((name, text),) = asked["digest"].items()
        digest = base64.b64decode(text)
        signature = self._signature(digest, _HASHES[name]())
        checksum = str(google_crc32c.value(signature))
        self.signatures += 1
        return {
            "name": KEY,
            "signature": base64.b64encode(signature[::-1] if self.damaged else signature).decode(),
            "signatureCrc32c": checksum,
            "verifiedDigestCrc32c": asked["digestCrc32c"] == str(google_crc32c.value(digest)),
        }

    def _signature(self, digest: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            salted = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
            return self.key.sign(digest, salted, Prehashed(algorithm))
        return self.key.sign(digest, ec.ECDSA(Prehashed(algorithm)))
