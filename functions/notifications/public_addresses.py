"""Checks the address of a webhook: public ones are allowed, however they are written. Internal ones are
never called.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from ..contract.errors import InvalidWebhook

Address = IPv4Address | IPv6Address

_INSIDE = (
    ".localhost",
    ".local",
    ".internal",
    ".localdomain",
    ".lan",
    ".intranet",
    ".corp",
    ".home",
    ".arpa",
)
_NAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?"
)
_LEGAL = re.compile(r"[!-\[\]-~]+")  # printable ASCII without the backslash, which browsers read as a slash

# IPv6 addresses that stand for an IPv4 address: where its bits lie, counted from the right.
_NAT64 = IPv6Network("64:ff9b::/96")
_RELAY = ip_network("192.88.99.0/24")  # 6to4's anycast relay, withdrawn by RFC 7526
_UNICAST = IPv6Network("2000::/3")
_DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637, newer than what ipaddress knows


@dataclass(frozen=True)
class WebhookTarget:
    """The target of a webhook. ``host`` is a name, or an address in its usual spelling."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: str) -> str:
        """Returns the URL with the name replaced by one of its addresses."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{host}:{self.port}{self.path}"


_PORTS = {"https": 443, "http": 80}


def parse_target(url: str, *, local: bool) -> WebhookTarget:
    """Returns the target of ``url``, if its text may be a webhook's; names are not resolved yet.

    ``local`` allows the laptop itself (127.0.0.0/8, ::1, localhost), by http too, and nothing else that is
    internal. Raises InvalidWebhook.
    """
    found = _parse_url(url)
    _check_scheme(found, local=local)
    if (address := parse_address(found.host)) is not None:
        check_address(address, local=local)
    elif not (local and found.host == "localhost"):
        _check_name(found.host)
    return found


def _check_scheme(found: WebhookTarget, *, local: bool) -> None:
    """Allows http for the laptop itself only: on any other way the call could be read and changed."""
    if found.scheme == "https":
        return
    if not local:
        raise _invalid_webhook("The webhook's address must begin with https://.")
    address = parse_address(found.host)
    if not (found.host == "localhost" or (address is not None and address.is_loopback)):
        raise _invalid_webhook(
            "http is taken for this machine itself (localhost, 127.0.0.1); else use https://."
        )


def _parse_url(url: str) -> WebhookTarget:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _invalid_webhook("The webhook's address is not a URL.") from None
    if not _LEGAL.fullmatch(url) or parts.scheme not in _PORTS or not parts.hostname:
        raise _invalid_webhook("The webhook's address is not an http(s) URL in ASCII.")
    if "@" in parts.netloc:
        raise _invalid_webhook("The webhook's address must not carry a user name or password.")
    if port == 0:
        raise _invalid_webhook("A webhook cannot listen on port 0.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.hostname.rstrip(".")
    address = parse_address(host)
    return WebhookTarget(url, parts.scheme, str(address or host), port or _PORTS[parts.scheme], path)


def parse_address(host: str) -> Address | None:
    """Returns the address that ``host`` writes, also as 127.1, 0x7f000001, 017700000001 or 2130706433."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name.rpartition(".")[2].isdigit():
        raise _invalid_webhook("The webhook's host is neither a name nor an address.")
    if "." not in name or name.endswith(_INSIDE):
        raise _invalid_webhook("The webhook's host is not a public name.")


def check_address(address: Address, *, local: bool) -> None:
    """Raises InvalidWebhook unless ``address`` is public, or the laptop itself where that is allowed."""
    if local and address.is_loopback:
        return
    if not is_public(address):
        raise _invalid_webhook("The webhook's address is not public.")


def is_public(address: Address) -> bool:
    """Returns True if ``address`` leads to the same host from everywhere on the Internet."""
    if isinstance(address, IPv6Address):
        inner = _embedded_ipv4(address)
        if inner is not None:
            return is_public(inner)
        return address in _UNICAST and address.is_global and address not in _DOCUMENTATION
    return (
        address.is_global and not address.is_multicast and not address.is_reserved and address not in _RELAY
    )


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    """Returns the IPv4 address that a translator or a tunnel would send ``address`` to; None for none."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _invalid_webhook(message: str) -> InvalidWebhook:
    return InvalidWebhook(message, field="webhook.url")
