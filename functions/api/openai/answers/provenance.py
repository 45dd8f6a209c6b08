"""What a picture says of its origin."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...description.operation import DescribedModel


class CredentialsSignal(DescribedModel):
    """What a picture's content credentials say."""

    type: Literal["c2pa"]
    outcome: Literal["detected", "not_detected"]
    validation_state: Literal["not_present", "invalid", "trusted", "valid"]
    issuer: str | None
    generated_at: str | None
    model: str | None


class WatermarkSignal(DescribedModel):
    """What the invisible watermark of this deployment says."""

    type: Literal["synthid"]
    outcome: Literal["detected", "not_detected"]
    generated_at: str | None
    model: str | None


class ProvenanceCheck(DescribedModel):
    """What a picture says of its origin."""

    object: Literal["content_provenance_check"]
    created_at: int
    results: tuple[CredentialsSignal | WatermarkSignal, ...] = Field(min_length=2, max_length=2)
