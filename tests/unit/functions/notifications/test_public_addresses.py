"""Which addresses a webhook may have, however they are spelt."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.contract.errors import InvalidWebhook
from functions.notifications.public_addresses import is_public, parse_address, parse_target

PRIVATE = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.1./",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.1.2.3/",
    "https://10.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://0xC0A80001/",
    "https://100.64.0.1/",
    "https://169.254.169.254/computeMetadata/v1/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/",
    "https://169.254.43518/",
    "https://192.0.0.1/",
    "https://192.0.2.1/",
    "https://192.88.99.1/",
    "https://198.18.0.1/",
    "https://203.0.113.9/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a9fe:a9fe::1]/",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[100::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://api.localhost/",
    "https://metadata/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://metadata.google.internal./",
    "https://printer.local/",
    "https://server.lan/",
    "https://1.0.0.127.in-addr.arpa/",
]

MALFORMED = [
    "https://user@example.com/",
    "https://user:secret@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com\\@127.0.0.1/",
    "https://127.0.0.1\\.example.com/",
    "https://exa mple.com/",
    "https://example.com\n.evil.com/",
    "https://ⓔxample.com/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https:///path",
    "https://",
    "https:example.com",
    "https://[::1/",
    "https://[not-an-address]/",
    "https://example.com:0/",
    "https://example.com:99999/",
    "https://example.com:port/",
    "https://-bad-.com/",
    "https://exa..mple.com/",
    "https://1.2.3.4.5/",
    "https://256.256.256.256/",
    "https://example.12/",
    "https://%31%32%37.0.0.1/",
    "ftp://example.com/",
    "javascript:alert(1)",
]

PUBLIC = [
    ("https://example.com/hook", "example.com", 443),
    ("https://EXAMPLE.com./hook?x=1", "example.com", 443),
    ("https://example.com:8443/", "example.com", 8443),
    ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
    ("https://my_hook.example.com/", "my_hook.example.com", 443),
    ("https://8.8.8.8/", "8.8.8.8", 443),
    ("https://134744072/", "8.8.8.8", 443),
    ("https://[2606:4700::1111]:444/", "2606:4700::1111", 444),
]


@pytest.mark.parametrize("url", PRIVATE + MALFORMED)
def test_nothing_inside_is_called(url: str) -> None:
    with pytest.raises(InvalidWebhook) as refused:
        parse_target(url, local=False)
    assert refused.value.field == "webhook.url"


@pytest.mark.parametrize(("url", "host", "port"), PUBLIC)
def test_what_is_public_is_called(url: str, host: str, port: int) -> None:
    found = parse_target(url, local=False)
    assert (found.host, found.port) == (host, port)


@pytest.mark.parametrize("url", ["HTTPS://example.com/Hook", "hTTps://example.com/Hook"])
def test_a_scheme_is_read_in_any_case(url: str) -> None:
    found = parse_target(url, local=False)
    assert (found.scheme, found.port, found.path) == ("https", 443, "/Hook")
    assert found.at("93.184.216.34") == "https://93.184.216.34:443/Hook"


@pytest.mark.parametrize("url", ["HTTP://example.com/", "HTTPS://127.0.0.1/", "HTTPS://u:p@example.com/"])
def test_capitals_get_past_no_check(url: str) -> None:
    with pytest.raises(InvalidWebhook):
        parse_target(url, local=False)


def test_plain_http_is_for_the_laptop() -> None:
    with pytest.raises(InvalidWebhook):
        parse_target("http://example.com/", local=False)
    assert parse_target("http://localhost/", local=True).port == 80


@pytest.mark.parametrize("host", ["example.com", "93.184.216.34", "localhost.example.com", "[2606:4700::1]"])
def test_plain_http_goes_nowhere_else_from_a_laptop(host: str) -> None:
    """docs/api.md: http to the machine itself; a public receiver is called by https."""
    with pytest.raises(InvalidWebhook, match="https://"):
        parse_target(f"http://{host}/", local=True)
    assert parse_target(f"https://{host}/", local=True).scheme == "https"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "localhost", "[::1]", "127.9.9.9"])
def test_a_laptop_may_call_itself(host: str) -> None:
    assert parse_target(f"http://{host}:8080/", local=True).port == 8080


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "0.0.0.0",
        "printer.local",
    ],
)
def test_and_nothing_else_inside(host: str) -> None:
    with pytest.raises(InvalidWebhook):
        parse_target(f"http://{host}:8080/", local=True)


@pytest.mark.parametrize(
    ("url", "address", "called", "authority"),
    [
        ("https://example.com/a?b=c", "93.184.216.34", "https://93.184.216.34:443/a?b=c", "example.com"),
        ("https://example.com:444", "2606:4700::1", "https://[2606:4700::1]:444/", "example.com:444"),
        ("http://[::1]:81/#x", "::1", "http://[::1]:81/", "[::1]:81"),
    ],
)
def test_the_address_takes_the_place_of_the_name(url: str, address: str, called: str, authority: str) -> None:
    found = parse_target(url, local=True)
    assert (found.at(address), found.authority) == (called, authority)


@given(some.ip_addresses(v=4))
def test_an_address_means_the_same_in_every_dress(address: object) -> None:
    plain = ip_address(str(address))
    number = int(plain)
    spellings = [str(number), hex(number), f"0{number:o}", f"[::ffff:{plain}]", f"[64:ff9b::{plain}]"]
    for spelling in spellings:
        found = parse_address(spelling.strip("[]"))
        assert found is not None
        assert is_public(found) == is_public(plain)


@given(some.text(max_size=80))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/"):
        try:
            parse_target(url, local=False)
        except InvalidWebhook:
            continue
