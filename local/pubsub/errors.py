"""Errors of the embedded Pub/Sub, each with its gRPC status."""

from __future__ import annotations

from typing import ClassVar

import grpc
from google.rpc import error_details_pb2, status_pb2


class PubSubError(Exception):
    """An RPC is answered with an error, as the real service would."""

    code: ClassVar[grpc.StatusCode] = grpc.StatusCode.UNKNOWN

    @property
    def trailers(self) -> tuple[tuple[str, bytes], ...]:
        """Returns the metadata that follows the answer."""
        return ()


class ResourceNotFound(PubSubError):
    """There is no topic or subscription of this name."""

    code = grpc.StatusCode.NOT_FOUND

    def __init__(self, name: str) -> None:
        super().__init__(f"Resource not found (resource={name.rsplit('/', 1)[-1]}).")


class ResourceAlreadyExists(PubSubError):
    """A topic or subscription of this name exists."""

    code = grpc.StatusCode.ALREADY_EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(f"Resource already exists in the project (resource={name.rsplit('/', 1)[-1]}).")


class InvalidArgument(PubSubError):
    """The request cannot be meant as it is written."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class OutOfRange(PubSubError):
    """A number is smaller or larger than the service takes."""

    code = grpc.StatusCode.OUT_OF_RANGE


class FailedPrecondition(PubSubError):
    """The subscription is in no state to do this."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Unimplemented(PubSubError):
    """The service does this, and this server does not."""

    code = grpc.StatusCode.UNIMPLEMENTED

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported by this emulator.")


class ServerUnavailable(PubSubError):
    """It did not work this time; clients try again."""

    code = grpc.StatusCode.UNAVAILABLE


class InvalidAckIds(InvalidArgument):
    """An exactly-once subscription does not know some of the ack ids, or no longer.

    Clients read which ones from the ``ErrorInfo`` in the status details. Google's Python client takes an id
    that is not named there for failed as well, so those that went through are named as transient: it sends
    them again, and the second time the request succeeds.
    """

    def __init__(self, invalid: list[str], confirmed: list[str]) -> None:
        super().__init__(
            "Some acknowledgement ids in the request were invalid. This could be because the acknowledgement"
            " ids have expired or the acknowledgement ids were malformed."
        )
        self._outcomes = dict.fromkeys(confirmed, "TRANSIENT_FAILURE_SENT_WITH_INVALID_ACK_ID")
        self._outcomes |= dict.fromkeys(invalid, "PERMANENT_FAILURE_INVALID_ACK_ID")

    @property
    def trailers(self) -> tuple[tuple[str, bytes], ...]:
        info = error_details_pb2.ErrorInfo(
            reason="EXACTLY_ONCE_ACKID_FAILURE", domain="pubsub.googleapis.com", metadata=self._outcomes
        )
        status = status_pb2.Status(code=self.code.value[0], message=str(self))
        status.details.add().Pack(info)
        return (("grpc-status-details-bin", status.SerializeToString()),)
