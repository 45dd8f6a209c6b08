"""Errors in what the caller sent or asked for."""

from __future__ import annotations

from datetime import datetime

from .base import PlantainError


class InvalidRequest(PlantainError):
    """The request does not describe something that can be done."""

    code, status, title = "invalid_request", 400, "The request is not valid"
    remedy = "Correct the field that `field` names, as the message says."


class UnsupportedVersion(InvalidRequest):
    """The document was written by a newer Plantain."""

    code, status, title = "unsupported_version", 409, "The document is from a newer version"
    remedy = "Read it with the newer Plantain that wrote it."


class DamagedDocument(InvalidRequest):
    """The object stored under the document's name cannot be read."""

    code, status, title = "damaged_document", 409, "The stored document is damaged"
    remedy = "Tell the operator: the stored object has to be restored, or the job deleted."


UNREADABLE = (DamagedDocument, UnsupportedVersion)  # why a stored document cannot be read


class UnsupportedTask(InvalidRequest):
    """This model, or this version, cannot do the task."""

    code, title = "unsupported_task", "The task is not supported"
    remedy = "Leave out what the message names, or name another `model`."


class UnsupportedSize(InvalidRequest):
    """No picture of this size can be made or taken."""

    code, title = "unsupported_size", "The size is not supported"
    remedy = (
        "Ask for a `size` and an `aspect_ratio`, or a `width` and a `height`, that the page of sizes lists."
    )


class UnsupportedFormat(InvalidRequest):
    """The format cannot carry what was asked for."""

    code, title = "unsupported_format", "The format is not supported"
    remedy = "Ask for another `format`; 16 bit needs `png`."


class AnswerTooLarge(InvalidRequest):
    """The pictures do not fit the answer that was asked for."""

    code, title = "answer_too_large", "The answer would be too large"
    remedy = "Ask for another format, a smaller size, fewer pictures, or for the pictures as URLs."


class UnknownModel(InvalidRequest):
    """No model of this name is configured."""

    code, title = "unknown_model", "The model is not known"
    remedy = "Name one of the models in the message, or leave `model` out."


class NoInstruction(InvalidRequest):
    """A picture was uploaded without an instruction."""

    code, title = "no_instruction", "The picture has no instruction"
    remedy = "Upload again with an instruction or a recipe, as the message shows."


class InvalidWebhook(InvalidRequest):
    """The webhook's address is not one that Plantain will call."""

    code, title = "invalid_webhook", "The webhook cannot be called"
    remedy = "Give an https address with a public host, or leave `webhook` out."


class ForeignBucket(InvalidRequest):
    """The picture lies in a bucket that Plantain does not read from."""

    code, title = "foreign_bucket", "The bucket is not readable here"
    remedy = "Name a picture in a bucket that is readable here, or send it as an upload."


class ImageUnreadable(InvalidRequest):
    """The bytes are not a picture that can be decoded."""

    code, title = "image_unreadable", "The image cannot be read"
    remedy = "Send the picture as a whole file of a format that is taken, saved anew."


class MaskMismatch(InvalidRequest):
    """The mask's size is not the picture's."""

    code, title = "mask_mismatch", "The mask does not fit the image"
    remedy = "Make the mask as wide and as high as the first image."


class MaskEmpty(InvalidRequest):
    """The mask, or the region, lets no pixel change."""

    code, title = "mask_empty", "The mask lets nothing change"
    remedy = (
        "In a mask white may change and black stays; in one with an alpha channel opaque may change and "
        "transparent stays. Turn it round if it is meant the other way, and make a tiny spot larger."
    )


class ImageTooLarge(PlantainError):
    """The picture has too many bytes or pixels."""

    code, status, title = "image_too_large", 413, "The image is too large"
    remedy = "Scale the picture down, or send it as an upload."


class RequestTooLarge(PlantainError):
    """The request's body is too large."""

    code, status, title = "request_too_large", 413, "The request is too large"
    remedy = "Send pictures as uploads or by `gs://` name."


class UriTooLong(PlantainError):
    """The request's address is too long."""

    code, status, title = "uri_too_long", 414, "The address is too long"
    remedy = "Send less in the query: shorter labels or a cursor as the listing gave it."


class HeadersTooLarge(PlantainError):
    """The request's headers are too long, or too many."""

    code, status, title = "headers_too_large", 431, "The headers are too large"
    remedy = "Send fewer or shorter headers."


class ExpectationFailed(PlantainError):
    """The request expects something other than 100-continue."""

    code, status, title = "expectation_failed", 417, "The expectation cannot be met"
    remedy = "Leave the header `Expect` out."


class TransferCodingUnknown(PlantainError):
    """The request's body is sent in a coding other than chunked."""

    code, status, title = "unsupported_transfer_coding", 501, "The transfer coding is not supported"
    remedy = "Send the body with a `Content-Length`, or chunked."


class Unauthenticated(PlantainError):
    """The request does not say who makes it."""

    code, status, title = "unauthenticated", 401, "Say who you are"
    remedy = "Send an API key, or the identity token that the message names."


class InvalidKey(Unauthenticated):
    """The request's API key is not one of this deployment's."""

    code, title = "invalid_api_key", "The API key was refused"
    remedy = "Send a key of this deployment, in one header; ask its operator for a new one."


class MissingScope(PlantainError):
    """The request's API key may not do this."""

    code, status, title = "missing_scope", 403, "The API key may not do this"
    remedy = "Use a key with the scope that the message names; `plantain keys create` makes one."


class NotConfigured(PlantainError):
    """The deployment has no means to find out who calls, and answers no one."""

    code, status, title = "not_configured", 503, "The deployment is not configured"
    remedy = "Tell the operator: the message names the settings that are missing."


class NotFound(PlantainError):
    """The thing does not exist, or belongs to another caller."""

    code, status, title = "not_found", 404, "Not found"
    remedy = "Check the id, and that you ask as its owner."


class Deleted(NotFound):
    """The owner deleted the job or batch."""

    code, status, title = "deleted", 410, "Deleted"
    remedy = "Nothing brings it back; make a new job with a new Idempotency-Key."


class ExpiredResult(NotFound):
    """The job has ended, and its pictures were deleted by a retention rule."""

    code, status, title = "expired_result", 410, "The result was deleted"
    remedy = "Make the job again."

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        ended: datetime | None = None,
        kept_until: datetime | None = None,
    ) -> None:
        """Takes when the job ended, and when a rule deletes its results, if one does."""
        super().__init__(message, field=field)
        self.ended = ended
        self.kept_until = kept_until


class MethodNotAllowed(PlantainError):
    """The address exists and does not take this method."""

    code, status, title = "method_not_allowed", 405, "Method not allowed"
    remedy = "Use a method that the header `Allow` names."


class UnsupportedMediaType(PlantainError):
    """The body is not declared as JSON."""

    code, status, title = "unsupported_media_type", 415, "Send JSON"
    remedy = "Send JSON as `Content-Type: application/json`."


class IdempotencyConflict(PlantainError):
    """The Idempotency-Key was used with another body."""

    code, status, title = "idempotency_conflict", 409, "The idempotency key belongs to another request"
    remedy = "Use a new key for another body."


class FileExists(PlantainError):
    """A file of this name is there already."""

    code, status, title = "file_exists", 409, "The file's name is taken"
    remedy = "Give another name, leave the name out, or delete the file that has it."


class WrongOffset(PlantainError):
    """A piece of a file does not continue what has arrived."""

    code, status, title = "wrong_offset", 400, "The piece does not continue the file"
    remedy = "Ask how much has arrived, and send the file from there."


class IllegalTransition(PlantainError):
    """The job's state does not allow this."""

    code, status, title = "illegal_transition", 409, "The job's state does not allow this"
    remedy = "Look at the job's state first: a job has to end before it is deleted."
