"""Pictures that a request names by their https address: fetched within bounds, from public hosts only."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ..contract.errors import ImageTooLarge, InvalidRequest, InvalidWebhook
from ..intake.input_pictures import MAX_INLINE
from ..notifications.public_addresses import WebhookTarget, check_address, parse_target
from ..notifications.webhooks import tls_context
from ..services import Services

if TYPE_CHECKING:
    import httpx

SECONDS = 20.0  # for the whole of a download
_REFUSED = (
    "A picture is fetched from an https address with a public host only: send it as a data: URL instead."
)
_FAILED = "The picture cannot be fetched from its address: send it as a data: URL instead."


def fetch_remote_picture(services: Services, url: str, field: str) -> bytes:
    """Returns the file at ``url``, of at most 20 MiB.

    The name is resolved once and every address of it must be public; the connection uses the first one.
    Redirects are not followed, and nothing of the caller's request is sent. On a laptop too, its own servers
    are not asked. Raises InvalidRequest, ImageTooLarge, and Transient when the name cannot be looked up.
    """
    try:
        target = parse_target(url, local=False)
        addresses = services.resolve(target.host, target.port)
        for address in addresses:
            check_address(ip_address(address.partition("%")[0]), local=False)
    except InvalidWebhook:
        raise InvalidRequest(_REFUSED, field=field) from None
    if not addresses:
        raise InvalidRequest(f"There is no host {target.host}.", field=field)
    return asyncio.run(download(target, addresses[0], field))


async def download(target: WebhookTarget, address: str, field: str, seconds: float = SECONDS) -> bytes:
    """Returns the file that ``target`` has, from one of its addresses. Raises InvalidRequest and
    ImageTooLarge.
    """
    import httpx

    # Proxies from the environment would resolve the name again.
    client = httpx.AsyncClient(verify=tls_context(), trust_env=False, follow_redirects=False, timeout=seconds)
    try:
        # httpx's own timeout starts again with each byte that arrives; this one does not.
        async with asyncio.timeout(seconds), client:
            request = client.build_request(
                "GET",
                target.at(address),
                headers={"host": target.authority, "accept": "image/*", "accept-encoding": "identity"},
                extensions={"sni_hostname": target.host},
            )
            answer = await client.send(request, stream=True)
            return await _read_picture(answer, field)
    except (TimeoutError, httpx.HTTPError):
        raise InvalidRequest(_FAILED, field=field) from None


async def _read_picture(answer: httpx.Response, field: str) -> bytes:
    if answer.status_code != 200:
        raise InvalidRequest(_FAILED, field=field)
    data = bytearray()
    async for piece in answer.aiter_raw():
        data += piece
        if len(data) > MAX_INLINE:
            raise ImageTooLarge("A picture may have 20 MiB.", field=field)
    return bytes(data)
