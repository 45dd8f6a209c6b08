"""Errors that end a job after it was accepted."""

from __future__ import annotations

from .base import BlockFacts, ErrorFacts, PlantainError


class Canceled(PlantainError):
    """The caller canceled the job."""

    code, status, title = "canceled", 409, "The job was canceled"
    remedy = "Nothing, if you canceled it; else make the job again."


class Superseded(PlantainError):
    """The picture that the job was to change was replaced by a newer one of the same name."""

    code, status, title = "superseded", 409, "The picture was replaced by a newer one"
    remedy = "Look for the job of the newer upload of the same name."


class DeadlineExceeded(PlantainError):
    """The job did not end within its deadline."""

    code, status, title = "deadline_exceeded", 504, "The deadline has passed"
    remedy = "Make the job again with a longer `deadline_seconds`."


class Blocked(PlantainError):
    """The policy does not allow it; the same request will be blocked again."""

    code, status, title = "blocked", 422, "The request is not allowed"
    remedy = "Change what is asked for; quote the support code when you ask why."

    def __init__(
        self, message: str | None = None, *, field: str | None = None, block: BlockFacts | None = None
    ) -> None:
        super().__init__(message, field=field)
        self.block = block
        self.stage: str | None = None  # where it was blocked, if a record says so

    @classmethod
    def from_facts(cls, facts: ErrorFacts) -> Blocked:
        """Returns the block that a record or a manifest keeps as ``facts``."""
        found = cls(facts.message, block=facts.block)
        found.stage = facts.stage
        return found

    def facts(self, stage: str | None = None) -> ErrorFacts:
        """Returns what a record or a manifest keeps of the error, with the reason for the block."""
        return super().facts(stage).model_copy(update={"block": self.block})


class PromptBlocked(Blocked):
    """The policy does not allow what the prompt asks for."""

    code, status, title = "prompt_blocked", 422, "The prompt is not allowed"
    remedy = "Change the prompt; quote the support code when you ask why."


class ImageBlocked(Blocked):
    """The policy does not allow the picture."""

    code, status, title = "image_blocked", 422, "The image is not allowed"
    remedy = "Use another picture or prompt; quote the support code when you ask why."


class RegionNotFound(PlantainError):
    """The picture does not show the named region, or nothing of its name is understood."""

    code, status, title = "region_not_found", 422, "The named region was not found"
    remedy = "Name the region in other words, or give a box, a polygon or a mask."


class OutsideModelDomain(PlantainError):
    """The picture is far from what the model was made for, and all of it would be drawn anew."""

    code, status, title = "outside_model_domain", 422, "The picture is outside of the model's domain"
    remedy = (
        "Change a region of the picture, name another `model`, or set `allow_outside_domain` to have it "
        "drawn all the same."
    )


class NotScreened(PlantainError):
    """No classifier has seen the picture, and unscreened pictures are not delivered."""

    code, status, title = "not_screened", 503, "The picture could not be screened"
    remedy = "Tell the operator: no image classifier is set up, or it failed."


class ScreeningRefused(PlantainError):
    """The classifier refuses our calls: a role, a key or a model is missing."""

    code, status, title = "screening_refused", 503, "The classifier refused"
    remedy = "Tell the operator: the classifier needs a role, a key or a model."


class ModelUnavailable(PlantainError):
    """The model cannot be loaded or reached."""

    code, status, title = "model_unavailable", 503, "The model is not available"
    remedy = "Name another `model`, or tell the operator."


class OutOfMemory(PlantainError):
    """The picture needs more memory than the device has, even in smaller tiles."""

    code, status, title = "out_of_memory", 507, "Not enough memory"
    remedy = "Ask for a smaller `size` or a smaller `count`."


class WatermarkFailed(PlantainError):
    """The watermark survives less than the setting demands, or the picture is too small to carry one."""

    code, status, title = "watermark_failed", 500, "The watermark could not be read back"
    remedy = "Make the job again with another seed or size."


class CredentialsFailed(PlantainError):
    """The content credentials cannot be signed or are not valid, so the picture is not delivered."""

    code, status, title = "credentials_failed", 500, "The content credentials could not be made"
    remedy = "Tell the operator: the signing key or its certificates do not work."


class AttemptsExhausted(PlantainError):
    """Every attempt at the job was lost before the job could end."""

    code, status, title = "attempts_exhausted", 500, "The job was given up"
    remedy = "Make the job again; if that fails too, tell the operator."


class StorageRefused(PlantainError):
    """Cloud Storage refuses the access: a role is missing."""

    code, status, title = "storage_refused", 500, "Cloud Storage refused"
    remedy = "Tell the operator: a role on the bucket is missing."


class UnreadableMessage(PlantainError):
    """A message of the queue cannot be understood."""

    code, title = "unreadable_message", "The message cannot be understood"
    remedy = "Tell the operator: the message is kept under `set-aside/`."
