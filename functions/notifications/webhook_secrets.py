"""The secrets that sign webhooks: one for each owner, and two side by side while one is replaced."""

from __future__ import annotations

import base64
import hmac

from ..contract.settings import Settings
from ..owners import has_single_caller

PREFIX = "whsec_"
_PURPOSE = b"plantain webhooks of "


def webhook_secrets_of(settings: Settings, owner: str) -> tuple[str, ...]:
    """Returns the secrets of ``owner``'s webhooks, the newest first; none where the deployment cannot sign.

    | where                                 | the owner's secrets                                       |
    |---------------------------------------|-----------------------------------------------------------|
    | ``webhook_secrets`` names the owner   | those, separated by spaces                                |
    | a laptop with one caller              | ``webhook_secret`` itself                                 |
    | anywhere else                         | derived from ``webhook_secret`` and the owner's name      |

    No owner can compute another owner's secret, or the deployment's, from an own one.
    """
    if given := settings.webhook_secrets.get(owner):
        return tuple(given.split())
    roots = tuple((settings.webhook_secret or "").split())
    return roots if has_single_caller(settings) else tuple(_derive_secret(root, owner) for root in roots)


def _derive_secret(root: str, owner: str) -> str:
    """Returns the HMAC-SHA256 of the owner's name under the deployment's secret, as Standard
    Webhooks writes it.
    """
    key = base64.b64decode(root.removeprefix(PREFIX))
    return PREFIX + base64.b64encode(hmac.digest(key, _PURPOSE + owner.encode(), "sha256")).decode()
