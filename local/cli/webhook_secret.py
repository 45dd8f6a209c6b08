"""``plantain webhook-secret``: what your receiver checks signatures with."""

from __future__ import annotations

from ..client import Plantain
from .output import JsonOption, out, print_json


def webhook_secret(json: JsonOption = False) -> None:
    """The secret that signs your webhooks; two lines while it is replaced, and either one verifies."""
    with Plantain.from_environment() as plantain:
        found = plantain.webhook_secret()
    if json:
        print_json(found)
        return
    for secret in found["secrets"]:
        out.print(secret, markup=False, highlight=False, soft_wrap=True)
