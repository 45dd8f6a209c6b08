"""``plantain webhook-secret``: what your receiver checks signatures with."""

from __future__ import annotations

from local.cli.output import JsonOption, out, print_json
from local.client.api_client import PlantainClient


def webhook_secret(json: JsonOption = False) -> None:
    """Shows the secret that signs your webhooks; during a rotation two lines, of which either one
    verifies.
    """
    with PlantainClient.from_environment() as plantain:
        found = plantain.webhook_secret()
    if json:
        print_json(found)
        return
    for secret in found["secrets"]:
        out.print(secret, markup=False, highlight=False, soft_wrap=True)
