"""One signed call: to the pinned address, for the name's certificate, and within its time."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook

from functions.contract.document import now
from functions.contract.errors import InvalidWebhook, Transient
from functions.contract.message import JobEvent
from functions.contract.settings import Settings
from functions.notifications import webhooks
from functions.notifications.webhooks import WebhookCallFailed, call_webhook, signed_headers
from functions.services import Services

OLD, NEW = "whsec_b2xkIHNlY3JldCBvZiAyNCBieXRlcyE=", "whsec_bmV3IHNlY3JldCBvZiAyNCBieXRlcyE="
EVENT = JobEvent.model_validate(
    {
        "id": "evt_x",
        "type": "job.succeeded",
        "timestamp": now(),
        "data": {"job_id": "job_x", "state": "succeeded", "manifest": "gs://r/job_x/manifest.json"},
    }
)
NAME = "hook.example.com"


def services(
    resolve: Callable[[str, int], list[str]] = lambda _, __: ["127.0.0.1"], **fields: Any
) -> Services:
    buckets = {"uploads_bucket": "u", "results_bucket": "r", "jobs_bucket": "j"}
    settings = Settings.model_validate(
        {"project": "p", "profile": "local", "webhook_secret": NEW, **buckets, **fields}
    )
    nothing = cast(Any, None)
    return Services(
        settings=settings,
        jobs=nothing,
        results=nothing,
        uploads=nothing,
        open_bucket=nothing,
        publish=nothing,
        sign_url=nothing,
        resolve=resolve,
        pool=ThreadPoolExecutor(1),
    )


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Generator[tuple[int, list[str]]]:
    """A server's port, and the Host header of each call it got."""
    hosts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            hosts.append(self.headers["host"])
            self.send_response(200)
            self.send_header("content-length", str(2**40))  # a body that is not to be waited for
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_port, hosts
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context with a certificate for NAME, which the caller trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    at = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - datetime.timedelta(days=1))
        .not_valid_after(at + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    trusting = ssl.create_default_context(cafile=str(pem))
    monkeypatch.setattr(webhooks, "tls_context", lambda: trusting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_the_certificate_is_the_name_s_though_the_address_is_called(certified: ssl.SSLContext) -> None:
    with serving(certified) as (port, hosts):
        assert call_webhook(services(), f"https://{NAME}:{port}/in", EVENT) == 200
    assert hosts == [f"{NAME}:{port}"]


def test_another_name_s_certificate_is_not_taken(certified: ssl.SSLContext) -> None:
    with serving(certified) as (port, hosts), pytest.raises(WebhookCallFailed, match="No connection"):
        call_webhook(services(), f"https://other.example.com:{port}/in", EVENT)
    assert hosts == []


def test_a_body_without_end_is_not_waited_for() -> None:
    with serving() as (port, hosts):
        assert call_webhook(services(), f"http://127.0.0.1:{port}/", EVENT) == 200
    assert len(hosts) == 1


def test_a_server_that_drips_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sends a byte of an endless header whenever a timeout that starts anew with each would run out."""
    monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    stop = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        with pytest.raises(WebhookCallFailed, match="No answer"):
            call_webhook(services(), f"http://127.0.0.1:{server.getsockname()[1]}/", EVENT)
        stop.set()
        thread.join()


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["8.8.8.8", "::ffff:10.0.0.1"], ["fe80::1%eth0"]],
)
def test_every_address_of_the_name_must_be_public(addresses: list[str]) -> None:
    production = services(lambda _, __: addresses, profile="production")
    with pytest.raises(InvalidWebhook):
        call_webhook(production, f"https://{NAME}/", EVENT)


def test_a_name_without_an_address_now_is_tried_again() -> None:
    with pytest.raises(Transient, match="no host"):
        call_webhook(services(lambda _host, _port: []), f"https://{NAME}/", EVENT)


def test_an_address_that_was_let_in_is_checked_again() -> None:
    with pytest.raises(InvalidWebhook):
        call_webhook(services(profile="production"), "http://127.0.0.1/", EVENT)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving() as (port, _):
        assert call_webhook(services(), f"http://127.0.0.1:{port}/", EVENT) == 200


def test_two_secrets_sign_side_by_side() -> None:
    body = EVENT.encode()
    headers = signed_headers(f"{NEW} {OLD}", EVENT.id, now(), body)
    for secret in (OLD, NEW):
        assert Webhook(secret).verify(body, headers)["id"] == EVENT.id
