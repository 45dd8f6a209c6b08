"""Where things are, read once from the environment: the same variables on the laptop and in the cloud."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

PREFIX = "PLANTAIN_"


class SettingsError(ValueError):
    """The environment does not describe a Plantain that can run."""


class Settings(BaseModel):
    """``PLANTAIN_RESULTS_BUCKET`` sets ``results_bucket``, and so on. Lists and maps are JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)

    profile: Literal["local", "production"] = "production"
    project: str
    uploads_bucket: str
    results_bucket: str
    jobs_bucket: str
    input_buckets: tuple[str, ...] = ()  # further buckets that gs:// inputs may come from

    jobs_topic: str = "jobs-gpu"
    events_topic: str = "events"
    dead_letter_topic: str = "jobs-dead-letter"
    worker_subscription: str = "jobs-gpu-worker"

    models: dict[str, str] = {"starter": "worker/starter/weights", "mock": "mock"}
    default_model: str = "starter"

    api_keys: dict[str, str] = Field(default={}, repr=False)  # SHA-256 of a key → its owner
    uploads_owner: str | None = None  # who owns the jobs that uploads start; None: see functions/owners.py
    webhook_secret: str | None = Field(default=None, repr=False)  # whsec_…
    signing_account: str | None = None  # the service account that signs URLs in the cloud

    lease_seconds: float = Field(default=30.0, gt=0)
    max_attempts: int = Field(default=10, ge=1)
    sweep_after_seconds: float = Field(default=60.0, ge=0)

    @model_validator(mode="after")
    def _buckets_differ(self) -> Self:
        """A bucket never triggers itself."""
        if len({self.uploads_bucket, self.results_bucket, self.jobs_bucket}) < 3:
            raise ValueError("uploads, results and jobs must be three different buckets")
        if self.jobs_bucket in self.input_buckets:
            raise ValueError("input_buckets must not name the jobs bucket: every caller's inputs are there")
        if self.default_model not in self.models:
            raise ValueError(f"default_model {self.default_model!r} is not one of models")
        return self

    @property
    def is_local(self) -> bool:
        return self.profile == "local"

    @property
    def readable_buckets(self) -> frozenset[str]:
        return frozenset({self.uploads_bucket, self.results_bucket, *self.input_buckets})

    def topic_path(self, topic: str) -> str:
        return f"projects/{self.project}/topics/{topic}"

    def subscription_path(self, subscription: str) -> str:
        return f"projects/{self.project}/subscriptions/{subscription}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsError, which names the variable and never its value."""
        values: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            text = environment.get(PREFIX + name.upper())
            if text:
                values[name] = _read(name, text, composite=field.annotation is not str)
        if project := environment.get("GOOGLE_CLOUD_PROJECT"):
            values.setdefault("project", project)
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    """Names the variable only: what it holds, the keys of a map as well, may be secret."""
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    name = str(fault["loc"][0]).upper() if fault["loc"] else "*"
    return f"{PREFIX}{name}: {fault['msg'].removeprefix('Value error, ')}"


def _read(name: str, text: str, *, composite: bool) -> Any:
    if not (composite and text[0] in "[{"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise SettingsError(f"{PREFIX}{name.upper()} is not JSON") from None
