"""A secret for each owner, and two of them while one is replaced."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook

from functions.contract.document import now
from functions.contract.settings import Settings
from functions.notifications.webhook_secrets import webhook_secrets_of
from functions.notifications.webhooks import signed_headers

ROOT, NEWER = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
KEYS = {"0" * 64: "sea", "1" * 64: "land"}


def settings(**fields: Any) -> Settings:
    buckets = {"uploads_bucket": "u", "results_bucket": "r", "jobs_bucket": "j"}
    return Settings.model_validate({"project": "p", "webhook_secret": ROOT, **buckets, **fields})


def test_two_owners_have_two_secrets_and_neither_is_the_deployment_s() -> None:
    found = {webhook_secrets_of(settings(), owner) for owner in ("sea", "land", "uploads")} | {(ROOT,)}
    assert len(found) == 4


def test_an_owner_s_secret_stays_the_same_and_is_one_that_signs() -> None:
    (secret,) = webhook_secrets_of(settings(), "sea")
    assert webhook_secrets_of(settings(api_keys=KEYS), "sea") == (secret,)
    headers = signed_headers(secret, "evt_x", now(), b'{"id": "evt_x"}')
    assert Webhook(secret).verify(b'{"id": "evt_x"}', headers)
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32


def test_the_deployment_s_change_changes_everybody_s_with_the_old_one_beside() -> None:
    (old,) = webhook_secrets_of(settings(), "sea")
    (new,) = webhook_secrets_of(settings(webhook_secret=NEWER), "sea")
    assert webhook_secrets_of(settings(webhook_secret=f"{NEWER} {ROOT}"), "sea") == (new, old)


def test_an_owner_may_have_secrets_of_its_own() -> None:
    own = settings(webhook_secrets={"sea": f"{NEWER} {ROOT}"})
    assert webhook_secrets_of(own, "sea") == (NEWER, ROOT)
    assert webhook_secrets_of(own, "land") == webhook_secrets_of(settings(), "land")


def test_a_laptop_with_one_caller_signs_with_its_one_secret() -> None:
    assert webhook_secrets_of(settings(profile="local"), "local") == (ROOT,)
    assert webhook_secrets_of(settings(profile="local", api_keys=KEYS), "sea") == webhook_secrets_of(
        settings(), "sea"
    )


def test_two_owners_cannot_be_given_the_same_secret() -> None:
    with pytest.raises(ValidationError, match="two owners"):
        settings(webhook_secrets={"sea": f"{NEWER} {ROOT}", "land": ROOT})


@pytest.mark.parametrize("secret", ["whsec_%%%", "whsec_abc"])
def test_a_secret_that_cannot_sign_is_refused_at_the_start_and_not_repeated(secret: str) -> None:
    for fields in ({"webhook_secret": secret}, {"webhook_secrets": {"sea": secret}}):
        with pytest.raises(ValidationError) as caught:
            settings(**fields)
        assert secret not in str(caught.value)


def test_without_a_secret_nothing_is_signed() -> None:
    assert webhook_secrets_of(settings(webhook_secret=None), "sea") == ()
