"""The head of an answer and the beginning of its body are one packet."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock, call

import pytest

from local.storage.exposed_transport import JoinedWrites

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"


@pytest.mark.parametrize(
    ("writes", "sent"),
    [
        ([HEAD, b"body"], [HEAD + b"body"]),
        ([HEAD, b"bo", b"dy"], [HEAD + b"bo", b"dy"]),
        ([HEAD, b""], [HEAD]),
        ([HEAD, b"HTTP/1.1 body"], [HEAD + b"HTTP/1.1 body"]),
        ([HEAD, b"body", HEAD, b"body"], [HEAD + b"body"] * 2),
        ([HEAD], [HEAD]),
        ([b"5\r\nchunk\r\n"], [b"5\r\nchunk\r\n"]),
    ],
)
def test_the_bytes_are_sent_in_order(writes: list[bytes], sent: list[bytes]) -> None:
    transport = Mock()

    async def scenario() -> None:
        joined = JoinedWrites(transport)
        for data in writes:
            joined.write(data)
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert transport.write.call_args_list == [call(data) for data in sent]


def test_a_head_is_sent_before_the_connection_is_closed() -> None:
    transport = Mock()

    async def scenario() -> None:
        joined = JoinedWrites(transport)
        joined.write(HEAD)
        joined.close()

    asyncio.run(scenario())
    assert transport.method_calls == [call.write(HEAD), call.close()]


def test_everything_else_is_the_transport_s() -> None:
    transport = Mock()
    JoinedWrites(transport).abort()
    assert transport.method_calls == [call.abort()]
