"""What the environment says."""

from __future__ import annotations

import traceback

import pytest

from functions.contract.settings import Settings, SettingsError

LEAST = {
    "PLANTAIN_PROJECT": "demo",
    "PLANTAIN_UPLOADS_BUCKET": "uploads",
    "PLANTAIN_RESULTS_BUCKET": "results",
    "PLANTAIN_JOBS_BUCKET": "jobs",
}
SECRET = "whsec_dG9wc2VjcmV0"


def test_a_project_and_three_buckets_are_enough() -> None:
    settings = Settings.from_environment(LEAST)
    assert settings.project == "demo"
    assert not settings.is_local
    assert settings.default_model in settings.models
    assert settings.topic_path("events") == "projects/demo/topics/events"
    assert settings.subscription_path("w") == "projects/demo/subscriptions/w"


def test_lists_maps_and_numbers_are_read() -> None:
    settings = Settings.from_environment(
        LEAST
        | {
            "PLANTAIN_PROFILE": "local",
            "PLANTAIN_INPUT_BUCKETS": '["photos"]',
            "PLANTAIN_MODELS": '{"mock": "mock"}',
            "PLANTAIN_DEFAULT_MODEL": "mock",
            "PLANTAIN_LEASE_SECONDS": "2.5",
            "PLANTAIN_MAX_ATTEMPTS": "3",
        }
    )
    assert settings.is_local
    assert settings.readable_buckets == {"uploads", "results", "photos"}
    assert (settings.lease_seconds, settings.max_attempts) == (2.5, 3)
    assert settings.models == {"mock": "mock"}


def test_googles_own_variable_names_the_project() -> None:
    environment = {name: value for name, value in LEAST.items() if name != "PLANTAIN_PROJECT"}
    with pytest.raises(SettingsError, match="PLANTAIN_PROJECT"):
        Settings.from_environment(environment)
    assert Settings.from_environment(environment | {"GOOGLE_CLOUD_PROJECT": "other"}).project == "other"


@pytest.mark.parametrize("name", sorted(set(LEAST) - {"PLANTAIN_PROJECT"}))
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_bucket_is_named(name: str, value: str | None) -> None:
    environment = {key: text for key, text in LEAST.items() if key != name} | ({name: value} if value else {})
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("PLANTAIN_UPLOADS_BUCKET", "results"),
        ("PLANTAIN_UPLOADS_BUCKET", "jobs"),
        ("PLANTAIN_RESULTS_BUCKET", "jobs"),
    ],
)
def test_the_three_buckets_differ(name: str, other: str) -> None:
    with pytest.raises(SettingsError, match="three different buckets"):
        Settings.from_environment(LEAST | {name: other})


def test_the_jobs_bucket_is_never_read_for_a_caller() -> None:
    with pytest.raises(SettingsError, match="jobs bucket"):
        Settings.from_environment(LEAST | {"PLANTAIN_INPUT_BUCKETS": '["jobs"]'})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROFILE", "staging"),
        ("LEASE_SECONDS", "soon"),
        ("LEASE_SECONDS", "0"),
        ("LEASE_SECONDS", "inf"),
        ("LEASE_SECONDS", "nan"),
        ("MAX_ATTEMPTS", "0"),
        ("SWEEP_AFTER_SECONDS", "-1"),
        ("MODELS", "{"),
        ("MODELS", "mock"),
        ("DEFAULT_MODEL", "absent"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"(?i){name}"):
        Settings.from_environment(LEAST | {f"PLANTAIN_{name}": value})


def test_a_models_lane_says_which_queue_its_jobs_wait_in() -> None:
    settings = Settings.from_environment(LEAST | {"PLANTAIN_REMOTE_MODELS": '["mock"]'})
    assert (settings.topic_for("mock"), settings.topic_for("starter")) == ("jobs-remote", "jobs-gpu")
    assert Settings.from_environment(LEAST).topic_for("mock") == "jobs-gpu"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REMOTE_MODELS", '["absent"]'),
        ("VERTEX_ENDPOINT", "1001"),
        ("VERTEX_ENDPOINT", "projects/p/locations/r/endpoints/1/more"),
        ("VERTEX_SECONDS", "0"),
    ],
)
def test_a_remote_lane_that_leads_nowhere_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"(?i){name}"):
        Settings.from_environment(LEAST | {f"PLANTAIN_{name}": value})


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_environment(
        LEAST | {"PLANTAIN_WEBHOOK_SECRET": SECRET, "PLANTAIN_API_KEYS": '{"aa11": "ada"}'}
    )
    assert settings.webhook_secret == SECRET
    assert settings.api_keys == {"aa11": "ada"}
    for shown in (repr(settings), str(settings)):
        assert SECRET not in shown
        assert "aa11" not in shown


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("WEBHOOK_SECRET", f'["{SECRET}"]', SECRET),
        ("WEBHOOK_SECRET", f"[{SECRET}", SECRET),
        ("API_KEYS", '{"aa11": 5}', "aa11"),
        ("API_KEYS", '{"aa11": "ada"', "aa11"),
        ("API_KEYS", "aa11", "aa11"),
    ],
)
def test_secrets_are_not_in_errors_either(name: str, value: str, secret: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(LEAST | {f"PLANTAIN_{name}": value})
    assert name.lower() in str(refused.value).lower()
    assert secret not in "".join(traceback.format_exception_only(refused.value))


def test_settings_cannot_be_changed_and_have_no_unknown_fields() -> None:
    with pytest.raises(ValueError, match="unknown"):
        Settings.model_validate(
            {
                "project": "demo",
                "uploads_bucket": "u",
                "results_bucket": "r",
                "jobs_bucket": "j",
                "unknown": 1,
            }
        )
