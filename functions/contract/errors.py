"""One tree of errors. Each has a stable code, an HTTP status, and knows whether trying again can help."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class BlockFacts(BaseModel):
    """Why something was blocked: never the words. ``support_code`` finds the line in our logs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    categories: tuple[str, ...]
    policy_version: str
    support_code: str


class ErrorFacts(BaseModel):
    """An error as a record, a manifest and a problem+json document carry it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    message: str
    retryable: bool = False
    stage: str | None = None
    block: BlockFacts | None = None  # of what the policy does not allow


class PlantainError(Exception):
    """Anything that Plantain can say went wrong; ``message`` says what to do about it."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or self.title)
        self.message = message or self.title
        self.field = field

    def facts(self, stage: str | None = None) -> ErrorFacts:
        return ErrorFacts(code=self.code, message=self.message, retryable=self.retryable, stage=stage)

    @classmethod
    def tree(cls) -> dict[str, type[PlantainError]]:
        """Every error of the tree by its code."""
        found: dict[str, type[PlantainError]] = {cls.code: cls}
        for child in cls.__subclasses__():
            found |= child.tree()
        return found


# What the caller got wrong. -------------------------------------------------------------------


class InvalidRequest(PlantainError):
    """The request does not say something that can be done."""

    code, status, title = "invalid_request", 400, "The request is not valid"


class UnsupportedVersion(InvalidRequest):
    """The document was written by a newer Plantain."""

    code, title = "unsupported_version", "The document is from a newer version"


class UnsupportedTask(InvalidRequest):
    """This model, or this version, cannot do the task."""

    code, title = "unsupported_task", "The task is not supported"


class UnsupportedSize(InvalidRequest):
    """No picture of this size can be made or taken."""

    code, title = "unsupported_size", "The size is not supported"


class UnsupportedFormat(InvalidRequest):
    """The format cannot carry what was asked for."""

    code, title = "unsupported_format", "The format is not supported"


class UnknownModel(InvalidRequest):
    """No model of this name is configured."""

    code, title = "unknown_model", "The model is not known"


class NoInstruction(InvalidRequest):
    """A picture was uploaded, and nothing says what to do with it."""

    code, title = "no_instruction", "Nothing says what to do with the picture"


class InvalidWebhook(InvalidRequest):
    """The webhook's address is not one that Plantain will call."""

    code, title = "invalid_webhook", "The webhook cannot be called"


class ForeignBucket(InvalidRequest):
    """The picture lies in a bucket that Plantain does not read from."""

    code, title = "foreign_bucket", "The bucket is not readable here"


class ImageUnreadable(InvalidRequest):
    """The bytes are not a picture that can be decoded."""

    code, title = "image_unreadable", "The image cannot be read"


class MaskMismatch(InvalidRequest):
    """The mask's size is not the picture's."""

    code, title = "mask_mismatch", "The mask does not fit the image"


class ImageTooLarge(PlantainError):
    """The picture has more bytes or pixels than are taken."""

    code, status, title = "image_too_large", 413, "The image is too large"


class RequestTooLarge(PlantainError):
    """The request's body is larger than is taken."""

    code, status, title = "request_too_large", 413, "The request is too large"


class Unauthenticated(PlantainError):
    """The request does not say who makes it."""

    code, status, title = "unauthenticated", 401, "Say who you are"


class NotFound(PlantainError):
    """There is no such thing, or it is not the caller's."""

    code, status, title = "not_found", 404, "Not found"


class Deleted(NotFound):
    """There was such a job, and its owner had it deleted."""

    code, status, title = "deleted", 410, "The job was deleted"


class MethodNotAllowed(PlantainError):
    """The resource is there and does not take this method."""

    code, status, title = "method_not_allowed", 405, "Method not allowed"


class UnsupportedMediaType(PlantainError):
    """The body is not JSON."""

    code, status, title = "unsupported_media_type", 415, "Send JSON"


class IdempotencyConflict(PlantainError):
    """The Idempotency-Key was used with another body."""

    code, status, title = "idempotency_conflict", 409, "The idempotency key belongs to another request"


class IllegalTransition(PlantainError):
    """The job's state does not allow this."""

    code, status, title = "illegal_transition", 409, "The job's state does not allow this"


# What ends a job that was accepted. ---------------------------------------------------------------


class Canceled(PlantainError):
    """The caller canceled the job."""

    code, status, title = "canceled", 409, "The job was canceled"


class DeadlineExceeded(PlantainError):
    """The job did not end within its deadline."""

    code, status, title = "deadline_exceeded", 504, "The deadline has passed"


class Blocked(PlantainError):
    """The policy does not allow it; nothing that is tried again will change that."""

    code, status, title = "blocked", 422, "It is not allowed"

    def __init__(
        self, message: str | None = None, *, field: str | None = None, block: BlockFacts | None = None
    ) -> None:
        super().__init__(message, field=field)
        self.block = block

    def facts(self, stage: str | None = None) -> ErrorFacts:
        return super().facts(stage).model_copy(update={"block": self.block})


class PromptBlocked(Blocked):
    """The policy does not allow what the prompt asks for."""

    code, status, title = "prompt_blocked", 422, "The prompt is not allowed"


class ImageBlocked(Blocked):
    """The policy does not allow the picture."""

    code, status, title = "image_blocked", 422, "The image is not allowed"


class RegionNotFound(PlantainError):
    """The picture does not show what the region's name says, as far as can be told."""

    code, status, title = "region_not_found", 422, "The named region was not found"


class NotScreened(PlantainError):
    """No classifier has seen the picture, and what was not seen does not leave."""

    code, status, title = "not_screened", 500, "The picture could not be screened"


class ScreeningRefused(PlantainError):
    """The classifier does not take our calls: its setup lacks a role, a key or a model."""

    code, status, title = "screening_refused", 500, "The classifier refused"


class ModelUnavailable(PlantainError):
    """The model cannot be loaded or reached."""

    code, status, title = "model_unavailable", 503, "The model is not available"


class OutOfMemory(PlantainError):
    """The picture needs more memory than there is, in smaller tiles as well."""

    code, status, title = "out_of_memory", 507, "Not enough memory"


class WatermarkFailed(PlantainError):
    """The watermark cannot be read back, so the picture does not leave."""

    code, status, title = "watermark_failed", 500, "The watermark could not be read back"


class CredentialsFailed(PlantainError):
    """The content credentials cannot be signed or do not hold, so the picture does not leave."""

    code, status, title = "credentials_failed", 500, "The content credentials could not be made"


class AttemptsExhausted(PlantainError):
    """Every attempt at the job was lost before it could end."""

    code, status, title = "attempts_exhausted", 500, "The job was given up"


class StorageRefused(PlantainError):
    """Cloud Storage does not allow it: the setup lacks a role, not the service."""

    code, status, title = "storage_refused", 500, "Cloud Storage refused"


class UnreadableMessage(PlantainError):
    """A message from the queue that cannot be understood."""

    code, title = "unreadable_message", "The message cannot be understood"


# What another try can mend. -----------------------------------------------------------------------


class Transient(PlantainError):
    """It did not work this time."""

    code, status, title, retryable = "unavailable", 503, "Try again", True


class ScreeningUnavailable(Transient):
    """The classifier does not answer, and what was not screened does not go on."""

    code, title = "screening_unavailable", "The classifier does not answer"


class EngineFailed(Transient):
    """The engine stopped or was lost while it worked."""

    code, title = "engine_failed", "The engine failed"


class SignerUnavailable(Transient):
    """Whoever holds the signing key, or stamps the time, does not answer."""

    code, title = "signer_unavailable", "The signer does not answer"


class Overtaken(Transient):
    """Somebody else wrote the object first; read it again."""

    code, status, title = "overtaken", 409, "Somebody else was first"


class HandedBack(Transient):
    """The worker is shutting down; another one goes on with the job."""

    code, title = "handed_back", "The worker is shutting down"


class LeaseLost(Transient):
    """The job belongs to another worker now; whatever this one has is discarded."""

    code, title = "lease_lost", "The lease was lost"
