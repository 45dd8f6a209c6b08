"""Keys of servers that others can reach."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from functions.contract.api_keys.digests import digest_key
from functions.contract.api_keys.key_list import KeyEntry, KeyList
from functions.contract.api_keys.key_text import make_key
from functions.contract.document import now
from functions.contract.errors import InvalidRequest
from local.http_servers.api_keys import FILE_VARIABLE, KEYS_VARIABLE, ApiKeys, KeyGuard, check_host
from local.http_servers.listening import is_loopback, is_own, reachable_address

KEY = "a-key"
ENVIRONMENT = {KEYS_VARIABLE: json.dumps({hashlib.sha256(KEY.encode()).hexdigest(): "ada"})}


@pytest.fixture
def keys() -> ApiKeys:
    found = ApiKeys.from_environment(ENVIRONMENT)
    assert found
    return found


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": f"Bearer {KEY}"}, ""),
        ({"authorization": f"bearer {KEY}"}, ""),
        ({"x-api-key": KEY}, ""),
        ({"x-goog-api-key": KEY}, ""),
        ({}, f"key={KEY}"),
        ({"api-key": KEY}, ""),
        ({"authorization": "Bearer other", "x-api-key": KEY}, ""),
    ],
)
def test_a_key_may_come_as_clients_send_theirs(keys: ApiKeys, headers: dict[str, str], query: str) -> None:
    assert keys.accept(headers, query)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": "other"},
        {"authorization": f"Basic {KEY}"},
        {"x-api-key": ""},
        {"x-api-key": "other", "x-goog-api-key": KEY},
    ],
)
def test_other_keys_are_not_taken(keys: ApiKeys, headers: dict[str, str]) -> None:
    assert not keys.accept(headers)


def test_no_keys_are_none() -> None:
    assert ApiKeys.from_environment({}) is None
    assert ApiKeys.from_environment({KEYS_VARIABLE: "{}"}) is None


def test_a_list_in_a_file_lets_in_whom_it_allows(tmp_path: Path) -> None:
    path, keys = tmp_path / "keys.json", {scope: make_key() for scope in ("admin", "read", "revoked")}
    listed = KeyList()
    for scope, key in keys.items():
        fields = {"revoked": now()} if scope == "revoked" else {"scopes": [scope]}
        entry = {"sha256": digest_key(key.text), "owner": "ada", "created": now(), **fields}
        listed = listed.with_entry(key.id, KeyEntry.model_validate(entry))
    path.write_bytes(listed.encode())
    found = ApiKeys.from_environment({FILE_VARIABLE: str(path)})
    assert found
    headers = {scope: {"x-api-key": key.text} for scope, key in keys.items()}
    assert [found.accept(headers[each]) for each in keys] == [True, False, False]
    assert [found.accept(headers[each], needed=None) for each in keys] == [True, True, False]


def test_a_list_that_cannot_be_read_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=FILE_VARIABLE):
        ApiKeys.from_environment({FILE_VARIABLE: str(tmp_path / "none.json")})


@pytest.mark.parametrize("text", ["{", "[]", "key"])
def test_what_are_no_keys_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match=KEYS_VARIABLE):
        ApiKeys.from_environment({KEYS_VARIABLE: text})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "172.17.0.1", "my-machine", ""])
def test_a_host_that_others_reach_needs_keys(keys: ApiKeys, host: str) -> None:
    with pytest.raises(InvalidRequest, match=KEYS_VARIABLE):
        check_host(host, None)
    check_host(host, keys)
    check_host(host, None, open_to_all=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_a_host_of_this_machine_needs_none(host: str) -> None:
    check_host(host, None)


def test_callers_of_this_machine_need_no_key(keys: ApiKeys) -> None:
    async def ask(client: str, headers: dict[str, str]) -> int:
        transport = httpx.ASGITransport(KeyGuard(PlainTextResponse("reached"), keys), client=(client, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://172.17.0.1") as http:
            return (await http.get("/", headers=headers)).status_code

    for client in ("127.0.0.1", "::1", "172.17.0.1"):
        assert asyncio.run(ask(client, {})) == 200
    assert asyncio.run(ask("172.17.0.9", {})) == 401
    assert asyncio.run(ask("172.17.0.9", {"authorization": f"Bearer {KEY}"})) == 200


def test_addresses_of_this_machine_are_told_apart() -> None:
    assert is_loopback("::ffff:127.0.0.1")
    assert not is_loopback("::ffff:10.0.0.1")
    assert is_own("10.0.0.1", "10.0.0.1")
    assert not is_own("10.0.0.2", "10.0.0.1")
    assert [reachable_address(host) for host in ("0.0.0.0", "::", "10.0.0.1", "::1")] == [
        *("127.0.0.1", "[::1]", "10.0.0.1", "[::1]")
    ]
