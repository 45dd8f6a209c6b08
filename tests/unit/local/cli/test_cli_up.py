"""What ``plantain up`` says to other programs."""

from __future__ import annotations

from typing import Any, cast

from local.cli.up import for_other_programs
from local.stack.environment import client_exports


class Running:
    def status(self) -> dict[str, Any]:
        return {
            "environment": {
                "STORAGE_EMULATOR_HOST": "http://127.0.0.1:1234",
                "PUBSUB_EMULATOR_HOST": "127.0.0.1:1235",
                "GOOGLE_CLOUD_PROJECT": "mine",
            }
        }


def test_every_client_finds_the_stack_and_not_the_cloud() -> None:
    """gcloud does not look at STORAGE_EMULATOR_HOST: without its own variable it would write to the cloud."""
    told = for_other_programs(cast("Any", Running()))
    for name, value in client_exports("http://127.0.0.1:1234", "127.0.0.1:1235", "mine").items():
        assert f"export {name}={value}\n" in told
    assert "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE=http://127.0.0.1:1234/storage/v1/" in told


def test_an_address_without_a_scheme_is_http() -> None:
    exports = client_exports("localhost:9023", "localhost:8085")
    assert exports["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"] == "http://localhost:9023/storage/v1/"
