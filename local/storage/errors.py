"""Errors of the embedded Cloud Storage, each with Google's status and reason."""

from __future__ import annotations

from typing import ClassVar


class StorageError(Exception):
    """A request is answered with an error, as the real service would.

    Attributes:
        status: of the HTTP answer.
        reason: what the JSON API calls it.
        xml_code: what the XML API calls it.
    """

    status: ClassVar[int] = 400
    reason: ClassVar[str] = "invalid"
    xml_code: ClassVar[str] = "InvalidArgument"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def headers(self) -> dict[str, str]:
        """Returns the headers of the answer."""
        return {}


class InvalidValue(StorageError):
    """The request cannot be meant as it is written."""


class MissingValue(StorageError):
    """The request lacks something."""

    reason = "required"


class UnreadableBody(StorageError):
    """The body is not the JSON or the MIME that it should be."""

    reason, xml_code = "parseError", "MalformedPOSTRequest"


class ExpiredSignature(StorageError):
    """The signature of the URL is no longer good."""

    reason, xml_code = "expired", "ExpiredToken"


class BadDigest(StorageError):
    """The bytes that came are not those that were sent."""

    xml_code = "BadDigest"


class EntityTooLarge(StorageError):
    """The signed URL does not allow as many bytes."""

    xml_code = "EntityTooLarge"


class EntityTooSmall(StorageError):
    """The signed URL asks for more bytes."""

    xml_code = "EntityTooSmall"


class InvalidPart(StorageError):
    """A multipart upload names parts that do not exist."""

    xml_code = "InvalidPart"


class PartTooSmall(StorageError):
    """A part that is not the last has too few bytes."""

    xml_code = "EntityTooSmall"


class BucketNotFound(StorageError):
    """There is no bucket of this name."""

    status, reason, xml_code = 404, "notFound", "NoSuchBucket"

    def __init__(self) -> None:
        super().__init__("The specified bucket does not exist.")


class ObjectNotFound(StorageError):
    """There is no object of this name, or not in this generation."""

    status, reason, xml_code = 404, "notFound", "NoSuchKey"

    def __init__(self, bucket: str, name: str) -> None:
        super().__init__(f"No such object: {bucket}/{name}")


class AddressNotFound(StorageError):
    """There is nothing at this address."""

    status, reason, xml_code = 404, "notFound", "NoSuchUpload"


class WrongMethod(StorageError):
    """The resource exists and does not support this method."""

    status, reason, xml_code = 405, "methodNotAllowed", "MethodNotAllowed"

    def __init__(self, method: str, allowed: list[str]) -> None:
        super().__init__(f"{method} is not allowed here; use one of {', '.join(allowed)}.")
        self.allowed = allowed

    @property
    def headers(self) -> dict[str, str]:
        return {"allow": ", ".join(self.allowed)}


class ResourceConflict(StorageError):
    """The resource exists already, or is not empty."""

    status, reason, xml_code = 409, "conflict", "BucketAlreadyOwnedByYou"


class OriginForbidden(StorageError):
    """The caller is a web page that has no business here, or has no key."""

    status, reason, xml_code = 403, "forbidden", "AccessDenied"


class ObjectRetained(StorageError):
    """A hold or a retention policy keeps the object as it is."""

    status, reason, xml_code = 403, "retentionPolicyNotMet", "AccessDenied"


class PreconditionFailed(StorageError):
    """The object is not as the caller believes."""

    status, reason, xml_code = 412, "conditionNotMet", "PreconditionFailed"

    def __init__(self) -> None:
        super().__init__("At least one of the pre-conditions you specified did not hold.")


class NotModified(StorageError):
    """The caller has this version already."""

    status, reason, xml_code = 304, "notModified", "NotModified"

    def __init__(self) -> None:
        super().__init__("Not modified")


class BodyTooLarge(StorageError):
    """A JSON document is larger than is taken."""

    status, reason, xml_code = 413, "uploadTooLarge", "EntityTooLarge"


class UnsatisfiableRange(StorageError):
    """The range begins behind the object's end."""

    status, reason, xml_code = 416, "requestedRangeNotSatisfiable", "InvalidRange"

    def __init__(self, size: int) -> None:
        super().__init__("Request range not satisfiable")
        self.size = size

    @property
    def headers(self) -> dict[str, str]:
        return {"content-range": f"bytes */{self.size}"}


class TooManyRequests(StorageError):
    """The caller is too fast."""

    status, reason, xml_code = 429, "rateLimitExceeded", "SlowDown"

    def __init__(self) -> None:
        super().__init__("The rate limit was exceeded. Reduce the rate of requests and try again.")


class ObjectDamaged(StorageError):
    """The object's file is missing, or shorter than the object."""

    status, reason, xml_code = 500, "internalError", "InternalError"

    def __init__(self, size: int) -> None:
        super().__init__(f"The bytes of this object are not all there: its file should have {size} of them.")


class UnsupportedFeature(StorageError):
    """Cloud Storage does this, and this server does not: taking it silently would be a wrong answer."""

    status, reason, xml_code = 501, "notImplemented", "NotImplemented"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported by this emulator.")


class BackendError(StorageError):
    """It did not work this time."""

    status, reason, xml_code = 503, "backendError", "ServiceUnavailable"

    def __init__(self) -> None:
        super().__init__("Backend error. Try again.")


class ConnectionDropped(Exception):
    """The connection must be dropped without an answer."""
