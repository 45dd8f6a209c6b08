"""The screener that the settings describe."""

from __future__ import annotations

from collections.abc import Callable

import google.auth
import pytest
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, RefreshError

from functions.contract.errors import PlantainError, ScreeningRefused, ScreeningUnavailable
from functions.contract.settings import Settings, SettingsError
from functions.policy.build_screener import build_prompt_screener
from functions.policy.external_classifiers.model_armor import ModelArmorClassifier

TEMPLATE = "projects/p/locations/europe-west4/templates/pictures"


def settings(**variables: str) -> Settings:
    return Settings.from_environment(
        {
            "GOOGLE_CLOUD_PROJECT": "p",
            "PLANTAIN_UPLOADS_BUCKET": "uploads",
            "PLANTAIN_RESULTS_BUCKET": "results",
            "PLANTAIN_JOBS_BUCKET": "jobs",
            **{f"PLANTAIN_{name.upper()}": value for name, value in variables.items()},
        }
    )


def test_production_fails_closed_and_the_laptop_does_not() -> None:
    assert build_prompt_screener(settings()).fails_closed
    assert not build_prompt_screener(settings(profile="local")).fails_closed


@pytest.mark.parametrize("profile", ["local", "production"])
def test_a_setting_says_otherwise(profile: str) -> None:
    assert not build_prompt_screener(settings(profile=profile, safety_fail_closed="false")).fails_closed
    assert build_prompt_screener(settings(profile=profile, safety_fail_closed="true")).fails_closed


def test_a_deployment_rules_categories_its_own_way() -> None:
    chosen = settings(safety_verdicts='{"graphic_violence": "review"}', safety_review_blocks="true")
    screener = build_prompt_screener(chosen)
    assert screener.verdicts == {"graphic_violence": "review"}
    assert screener.review_blocks


@pytest.mark.parametrize("ruling", ["allow", "review", "block"])
def test_but_never_child_safety(ruling: str) -> None:
    with pytest.raises(SettingsError, match="child_safety"):
        build_prompt_screener(settings(safety_verdicts=f'{{"child_safety": "{ruling}"}}'))


def test_a_category_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingsError, match="weather"):
        build_prompt_screener(settings(safety_verdicts='{"weather": "block"}'))


def test_model_armor_needs_a_template() -> None:
    with pytest.raises(SettingsError, match="MODEL_ARMOR_TEMPLATE"):
        build_prompt_screener(settings(text_classifier="model_armor"))
    chosen = settings(text_classifier="model_armor", model_armor_template=TEMPLATE)
    assert isinstance(build_prompt_screener(chosen).text, ModelArmorClassifier)


class Unproved(Credentials):
    """What google.auth gives a service whose metadata server does not answer."""

    def refresh(self, request: object) -> None:
        del request
        raise RefreshError("the metadata server is gone")


def unproved(**_: object) -> tuple[Unproved, str]:
    return Unproved(), "p"


def unknown(**_: object) -> tuple[Unproved, str]:
    raise DefaultCredentialsError("there is none")


@pytest.mark.parametrize(
    ("identity", "error"), [(unproved, ScreeningUnavailable), (unknown, ScreeningRefused)]
)
def test_only_an_identity_that_there_is_not_cannot_be_waited_for(
    monkeypatch: pytest.MonkeyPatch,
    identity: Callable[..., tuple[Unproved, str]],
    error: type[PlantainError],
) -> None:
    monkeypatch.setattr(google.auth, "default", identity)
    chosen = settings(text_classifier="model_armor", model_armor_template=TEMPLATE, safety_fail_closed="true")
    with pytest.raises(error):
        build_prompt_screener(chosen).prompt("a red boat")


@pytest.mark.parametrize(
    ("identity", "error"), [(unproved, ScreeningUnavailable), (unknown, ScreeningRefused)]
)
def test_nor_for_gemini(
    monkeypatch: pytest.MonkeyPatch,
    identity: Callable[..., tuple[Unproved, str]],
    error: type[PlantainError],
) -> None:
    monkeypatch.setattr(google.auth, "default", identity)
    chosen = settings(
        text_classifier="gemini", classifier_model="gemini-of-the-test", safety_fail_closed="true"
    )
    with pytest.raises(error):
        build_prompt_screener(chosen).prompt("a red boat")


def test_gemini_needs_a_model() -> None:
    with pytest.raises(SettingsError, match="CLASSIFIER_MODEL"):
        build_prompt_screener(settings(text_classifier="gemini"))


def test_a_classifier_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingsError, match="TEXT_CLASSIFIER"):
        settings(text_classifier="oracle")
