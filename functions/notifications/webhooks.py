"""One signed call of a webhook, after the Standard Webhooks specification."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ..contract import ids
from ..contract.batch import AnyEvent, BatchWebhook
from ..contract.document import now
from ..contract.errors import InvalidWebhook, PlantainError, Transient
from ..contract.request import Webhook
from ..contract.settings import Settings
from ..contract.telemetry import HEADER, traceparent
from ..owners import LOCAL
from ..services import Resolve, Services
from .public_addresses import WebhookTarget, check_address, parse_target
from .webhook_secrets import webhook_secrets_of

if TYPE_CHECKING:
    import ssl

    import httpx

SECONDS = 10.0  # for everything from the connection to the status line


class WebhookCallFailed(PlantainError):
    """The webhook gave no answer. The message says why and contains nothing of the request."""

    code, status, title, retryable = "webhook_failed", 502, "The webhook did not answer", True
    remedy = "Nothing: the call is repeated on the schedule of docs/webhooks.md."


def check_webhook(webhook: Webhook | BatchWebhook, settings: Settings) -> None:
    """Checks a caller's webhook at admission. Raises InvalidWebhook."""
    parse_target(webhook.url, local=settings.is_local)
    if webhook.events is not None and not webhook.events:
        raise InvalidWebhook(
            "An empty list would never be called: name an event, or leave events out to get all of them.",
            field="webhook.events",
        )
    if settings.webhook_secret is None:
        raise InvalidWebhook(
            "This deployment has no webhook secret, so it cannot sign: leave webhook out.", field="webhook"
        )


def receiver_of(owner: str, url: str) -> str:
    """Returns the name of the receiver: what answers at one host and port for one owner.

    Owners that share a host have separate receivers, so that none can open the circuit of another.
    """
    try:
        return ids.receiver_name(owner, parse_target(url, local=True).authority)
    except InvalidWebhook:  # admitted before such addresses were refused: it is never called
        return ids.receiver_name(owner, url)


def call_webhook(services: Services, url: str, event: AnyEvent, owner: str = LOCAL) -> int:
    """Sends ``event``, signed with the secrets of ``owner``, and returns the status of the answer.

    The answer's body is not read. Its headers may have 100 KiB, and ``SECONDS`` is the limit for the whole
    call.

    The name is resolved once, every address of it must be allowed, and the connection uses the first one: a
    name whose addresses change in between changes nothing. Redirects are not followed.

    Raises InvalidWebhook for an address that is not allowed, WebhookCallFailed when there is no answer, and
    Transient when the name cannot be looked up.
    """
    settings = services.settings
    where = parse_target(url, local=settings.is_local)
    address = _resolve_allowed(where, services.resolve, local=settings.is_local)
    body = event.encode()
    headers = signed_headers(" ".join(webhook_secrets_of(settings, owner)), event.id, now(), body)
    if place := traceparent():
        headers[HEADER] = place
    return asyncio.run(_post(where, address, body, headers))


def _resolve_allowed(where: WebhookTarget, resolve: Resolve, *, local: bool) -> str:
    found = resolve(where.host, where.port)
    for address in found:
        check_address(ip_address(address.partition("%")[0]), local=local)
    if not found:
        raise Transient(f"There is no host {where.host}.")
    return found[0]


def signed_headers(secrets: str, event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Returns the headers of one attempt. Several secrets, separated by spaces, each add a signature."""
    from standardwebhooks import Webhook

    signatures = (Webhook(secret).sign(event_id, at, body.decode()) for secret in secrets.split())
    return {
        "content-type": "application/json",
        "user-agent": "plantain-webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


async def _post(where: WebhookTarget, address: str, body: bytes, headers: dict[str, str]) -> int:
    import httpx

    # Proxies from the environment would resolve the name again.
    client = httpx.AsyncClient(verify=tls_context(), trust_env=False, follow_redirects=False, timeout=SECONDS)
    try:
        # httpx's own timeout starts again with each byte that arrives; this one does not.
        async with asyncio.timeout(SECONDS), client:
            request = client.build_request(
                "POST",
                where.at(address),
                content=body,
                headers={**headers, "host": where.authority},
                extensions={"sni_hostname": where.host},
            )
            answer = await client.send(request, stream=True)
            await answer.aclose()
            return answer.status_code
    except TimeoutError:
        raise WebhookCallFailed(f"No answer within {SECONDS:.0f} seconds.") from None
    except httpx.HTTPError as error:
        raise WebhookCallFailed(_what_happened(error)) from error


def _what_happened(error: httpx.HTTPError) -> str:
    """Describes a failed call without the address: the library's own text may name internal hosts."""
    import httpx

    if isinstance(error, httpx.ConnectError):
        return "No connection: nothing answers at the address, or its certificate is not valid."
    if isinstance(error, httpx.TimeoutException):
        return f"No answer within {SECONDS:.0f} seconds."
    if isinstance(error, httpx.RemoteProtocolError):
        return "The answer is not HTTP, or it was cut off."
    return "The connection broke off."


@cache
def tls_context() -> ssl.SSLContext:
    """Returns the TLS context, made once: reading the certificate authorities takes longer than a call."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)
