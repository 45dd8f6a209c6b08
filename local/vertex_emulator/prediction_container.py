"""The container behind the endpoint: a process that answers at a port and routes chosen by Vertex AI."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from local.vertex_emulator.errors import VertexError


@dataclass(frozen=True)
class PredictionContainer:
    """One replica. ``port`` is where it listens, or will once it runs."""

    port: int
    health: str = "/health"
    predict: str = "/predict"

    @property
    def environment(self) -> dict[str, str]:
        """Returns the variables that Vertex AI sets for the process."""
        return {
            "AIP_HTTP_PORT": str(self.port),
            "AIP_HEALTH_ROUTE": self.health,
            "AIP_PREDICT_ROUTE": self.predict,
        }

    async def request_prediction(
        self, client: httpx.AsyncClient, body: bytes, content_type: str, seconds: float
    ) -> httpx.Response:
        """Returns the container's answer to a prediction.

        Raises VertexError where it is not healthy, or too slow.
        """
        await self._check_health(client)
        url, headers = f"http://127.0.0.1:{self.port}{self.predict}", {"Content-Type": content_type}
        try:
            return await client.post(url, content=body, headers=headers, timeout=seconds)
        except httpx.TimeoutException:
            raise VertexError(504, "The prediction did not end in time.") from None
        except httpx.HTTPError:
            raise VertexError(503, "The container closed the connection.") from None

    async def _check_health(self, client: httpx.AsyncClient) -> None:
        try:
            healthy = (await client.get(f"http://127.0.0.1:{self.port}{self.health}", timeout=10)).is_success
        except httpx.HTTPError:
            healthy = False
        if not healthy:
            raise VertexError(503, "No replica is ready to take the prediction.")
