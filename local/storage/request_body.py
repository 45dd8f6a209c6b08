"""The body of a request, read to its end whatever its handler took of it."""

from __future__ import annotations

from starlette.types import Message, Receive


class RequestBody:
    """Stands in for ASGI's ``receive`` and remembers whether there is more to come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    async def __call__(self) -> Message:
        message = await self._receive()
        self._more = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Reads the rest of the body, so that the connection's next request can follow."""
        while self._more:
            await self()

    async def drop(self) -> None:
        """Returns when the connection is closed."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
