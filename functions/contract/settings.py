"""The settings, read once from the environment: the same variables on the laptop and in the cloud."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from . import paths
from .engine_limits import Feature
from .manifest import ProofLevel
from .owner_limits import OwnerLimits
from .policy_decision import Decision
from .retention_rules import check_retention
from .validation.gemini_models import GeminiOptions
from .validation.messages import explain_value_fault, text_pattern

PREFIX = "PLANTAIN_"
ModelArmorTemplate = Annotated[
    str,
    text_pattern(r"^projects/[^/]+/locations/[^/]+/templates/[^/]+$", "projects/P/locations/L/templates/T"),
]

VertexEndpoint = Annotated[
    str,
    text_pattern(
        r"^projects/[^/]+/locations/[a-z0-9-]+/endpoints/[^/]+$", "projects/P/locations/L/endpoints/E"
    ),
]
VertexModel = Annotated[
    str,
    text_pattern(r"^projects/[^/]+/locations/[a-z0-9-]+/models/[^/]+$", "projects/P/locations/L/models/M"),
]  # "@version" may follow the model's id


IapAudience = Annotated[
    str,
    text_pattern(
        r"^/projects/[0-9]+/global/backendServices/([0-9]+|\*)$",
        "/projects/NUMBER/global/backendServices/ID, or * for the ID",
    ),
]
ServiceAccountEmail = Annotated[
    str, text_pattern(r"^[^@\s]+@[^@\s]+\.gserviceaccount\.com$", "a service account's address")
]
HeaderName = Annotated[str, text_pattern(r"^X-[A-Za-z0-9-]+$", "a header's name that begins with X-")]

# Folders only: a prefix "ad" would also match ada's and adam's objects.
UploadsPrefix = Annotated[
    str, text_pattern(r"^(?:[^/]+/)+$", "a folder of the uploads bucket, such as ada/", max_length=512)
]
EVERYBODY = "*"  # in ``uploads_owners``: every caller may name what lies there


def _base64_each(secrets: str) -> str:
    for secret in secrets.split():
        try:
            base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            raise ValueError("a webhook's secret is whsec_ and at least 24 bytes in base64") from None
    return secrets


# Several are separated by spaces: each signs every call.
WebhookSecrets = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_base64_each)]


class SettingsError(ValueError):
    """The environment does not describe a Plantain that can run."""


class Settings(BaseModel):
    """The settings. ``PLANTAIN_RESULTS_BUCKET`` sets ``results_bucket``, and so on. Lists and
    maps are JSON.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)

    profile: Literal["local", "production"] = "production"
    project: str
    uploads_bucket: str
    results_bucket: str
    jobs_bucket: str
    input_buckets: tuple[str, ...] = ()  # further buckets that gs:// inputs may come from

    jobs_topic: str = "jobs-gpu"
    low_jobs_topic: str | None = None  # jobs of low priority; None: they share the topic of the others
    remote_topic: str = "jobs-remote"
    events_topic: str = "events"
    dead_letter_topic: str = "jobs-dead-letter"
    webhooks_topic: str = "webhooks"  # deliveries that are due
    reminders_topic: str = "webhook-reminders"  # deliveries that will be due soon
    worker_subscription: str = "jobs-gpu-worker"
    low_subscription: str | None = None  # to low_jobs_topic; None: the worker pulls from one alone

    models: dict[str, str] = {"starter": "worker/embedded_model", "mock": "mock"}
    default_model: str = "starter"
    # Further names of models, as patterns: {"sdxl*": "starter", "*": "starter"} (docs/api.md).
    model_aliases: dict[str, str] = {}
    # What a model cannot do, beside what its engine cannot: refused at admission (docs/api.md).
    model_refuses: dict[str, tuple[Feature, ...]] = {"starter": ("negative_prompt", "animate")}
    # What Gemini's image models can do, by their ids (docs/gemini-engine.md); a missing one has the defaults.
    gemini_models: dict[str, GeminiOptions] = {}
    # Remote models (docs/deploy.md): `dispatch` takes their jobs to a Vertex AI endpoint.
    remote_models: tuple[str, ...] = ()
    vertex_endpoint: VertexEndpoint | None = None
    vertex_seconds: float = Field(default=480.0, gt=0, le=3_600)  # for an answer; the function has 540
    vertex_url: str | None = None  # None: Google's own, of the endpoint's region
    # Batches (docs/batches.md): where one runs by default, and on which machines of Vertex AI.
    batch_lane: Literal["queue", "vertex-batch"] = "queue"
    vertex_model: VertexModel | None = None
    vertex_batch_machine: str = "g2-standard-8"
    vertex_batch_accelerator: str | None = "NVIDIA_L4"
    vertex_batch_replicas: int = Field(default=1, ge=1, le=100)
    vertex_batch_account: str | None = None  # the container's service account; None: Vertex AI's own agent

    studio: bool = True  # whether the API answers with a page for people at / (docs/studio.md)
    api_docs: bool = (
        True  # whether everyone sees the API's description at /openapi.json and /docs (docs/api.md)
    )

    api_keys: dict[str, str] = Field(default={}, repr=False)  # SHA-256 of a key → its owner
    api_keys_file: str | None = None  # a list of keys that `plantain keys` has made (docs/keys.md)
    # By owner, "*" for all others: {"*": {"jobs_at_once": 20, "jobs_per_minute": 60}} (docs/keys.md).
    limits: dict[str, OwnerLimits] = {}
    key_in_query: bool = False  # whether a key in the address (?key=) counts; addresses are written to logs
    # Whether Cloud Run lets in only those whom IAM names, and has verified their identity tokens. Without it
    # no token is believed: functions/api/auth.py.
    invoker_check: bool = False
    # What stands in front of the API (docs/networks.md): a load balancer with Identity-Aware Proxy, whose
    # assertion every request then needs; gateways, by service account, and the header that names a caller.
    iap_audience: IapAudience | None = None
    iap_keys_url: str | None = None  # None: Google's own
    gateways: dict[ServiceAccountEmail, HeaderName] = {}
    uploads_owner: str | None = None  # the owner of jobs that uploads start; None: see functions/owners.py
    # by folder of the uploads bucket: by default one folder is open to all, and the above owns the rest
    uploads_owners: dict[UploadsPrefix, Annotated[str, Field(min_length=1)]] = {"everybody/": EVERYBODY}
    # Signs webhooks: whsec_…, or two separated by a space while one is replaced.
    # See functions/notifications/webhook_secrets.py.
    webhook_secret: WebhookSecrets | None = Field(default=None, repr=False)
    webhook_secrets: dict[str, WebhookSecrets] = Field(
        default={}, repr=False
    )  # by owner, where one has its own
    signing_account: str | None = None  # the service account that signs URLs in the cloud

    # Bytes for the pictures that are decoded at once (docs/decisions/0015-memory-is-a-budget.md). None: from
    # what the container has.
    memory_bytes: int | None = Field(default=None, ge=1 << 26)

    lease_seconds: float = Field(default=30.0, gt=0)
    max_attempts: int = Field(default=10, ge=1)
    sweep_after_seconds: float = Field(default=60.0, ge=0)
    # Safety (docs/safety.md). fail_closed None: in production unscreened content is not delivered.
    safety_fail_closed: bool | None = None
    safety_review_blocks: bool = False  # treat `review` as `block`
    safety_verdicts: dict[str, Decision] = {}  # by category; `child_safety` cannot be changed
    text_classifier: Literal["gemini", "model_armor"] | None = None
    model_armor_template: ModelArmorTemplate | None = None
    model_armor_url: str | None = None  # None: Google's own, of the template's region
    classifier_model: str | None = None  # the Gemini model that classifies
    classifier_location: str = "global"  # where Vertex AI runs it: a region, "eu", "us" or "global"
    classifier_url: str | None = None
    classifier_key: str | None = Field(default=None, repr=False)  # None: Vertex AI, by our own identity
    classifier_seconds: float = Field(default=10.0, gt=0, le=60)

    # What a mark must survive, or its picture fails (docs/watermark.md).
    watermark_proof: ProofLevel = "exact"

    # Whether traces go to Cloud Trace (docs/operations.md); an OTLP endpoint of OpenTelemetry's own variables
    # comes before it.
    google_traces: bool = False

    retention_days: dict[str, Annotated[int, Field(ge=1, le=36_500)]] = {}  # functions/lifecycle/retention.py

    @model_validator(mode="after")
    def _buckets_differ(self) -> Self:
        """Checks that no bucket can trigger itself, and that names refer to what is configured."""
        if len({self.uploads_bucket, self.results_bucket, self.jobs_bucket}) < 3:
            raise ValueError("uploads, results and jobs must be three different buckets")
        if self.jobs_bucket in self.input_buckets:
            raise ValueError("input_buckets must not name the jobs bucket: every caller's inputs are there")
        if self.default_model not in self.models:
            raise ValueError(f"default_model {self.default_model} is not one of models")
        if unknown := set(self.model_aliases.values()) - set(self.models):
            raise ValueError(f"model_aliases names {', '.join(sorted(unknown))}, not one of models")
        if self.batch_lane == "vertex-batch" and self.vertex_model is None:
            raise ValueError("batch_lane vertex-batch needs vertex_model")
        if unknown := set(self.remote_models) - set(self.models):
            raise ValueError(f"remote_models names {', '.join(sorted(unknown))}, not one of models")
        return self

    @model_validator(mode="after")
    def _check_uploads_owner(self) -> Self:
        kept_apart = (paths.UPLOADED_BY_API, paths.RECIPES)
        if any(prefix.startswith(kept_apart) for prefix in self.uploads_owners):
            raise ValueError(f"uploads_owners must not name {' or '.join(kept_apart)}: their owner is fixed")
        if self.uploads_owner == EVERYBODY:
            raise ValueError(
                "uploads_owner must be one owner: open a prefix to all callers in uploads_owners"
            )
        return self

    @model_validator(mode="after")
    def _webhook_secrets_are_not_shared(self) -> Self:
        """Checks that no two owners have the same secret: each could sign in the other's name."""
        given = [secret for secrets in self.webhook_secrets.values() for secret in set(secrets.split())]
        if len(set(given)) < len(given):
            raise ValueError("webhook_secrets gives two owners the same secret: make one for each")
        return self

    @model_validator(mode="after")
    def _retention_is_safe(self) -> Self:
        check_retention(self.retention_days)
        return self

    @property
    def is_local(self) -> bool:
        return self.profile == "local"

    @property
    def takes_keys(self) -> bool:
        """Returns True if callers need an API key."""
        return bool(self.api_keys) or self.api_keys_file is not None

    @property
    def fails_closed(self) -> bool:
        """Returns True if what could not be screened is held back."""
        return not self.is_local if self.safety_fail_closed is None else self.safety_fail_closed

    @property
    def readable_buckets(self) -> frozenset[str]:
        return frozenset({self.uploads_bucket, self.results_bucket, *self.input_buckets})

    def topic_for(self, model: str, priority: str = "normal") -> str:
        """Returns the topic whose messages carry the model's jobs.

        Remote models have one topic for both priorities: the endpoint's worker lets jobs of low priority
        wait.
        """
        if model in self.remote_models:
            return self.remote_topic
        return (priority == "low" and self.low_jobs_topic) or self.jobs_topic

    def topic_path(self, topic: str) -> str:
        return f"projects/{self.project}/topics/{topic}"

    def subscription_path(self, subscription: str) -> str:
        return f"projects/{self.project}/subscriptions/{subscription}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Reads the settings. Raises SettingsError, which names the variable and never its value."""
        values: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            text = environment.get(PREFIX + name.upper())
            if text:
                values[name] = _parse_variable(name, text, composite=field.annotation is not str)
        if project := environment.get("GOOGLE_CLOUD_PROJECT"):
            values.setdefault("project", project)
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError(_explain_setting(error)) from None


def _explain_setting(error: ValidationError) -> str:
    """Returns what is wrong, with the variable's name only: a value, and even the keys of a map,
    may be secret.
    """
    where = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
    return f"{PREFIX}{str(where[0]).upper() if where else '*'}: {explain_value_fault(error)}"


def _parse_variable(name: str, text: str, *, composite: bool) -> Any:
    if not (composite and text[0] in "[{"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise SettingsError(f"{PREFIX}{name.upper()} is not JSON") from None
