"""The root of the tree of errors, and what is recorded of an error."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from ..job_quota import JobQuota


class BlockFacts(BaseModel):
    """Why something was blocked, without the words that were found."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    categories: tuple[str, ...]
    """The categories of the policy that it breaks."""
    policy_version: str
    """The version of the policy that decided."""
    support_code: str
    """Finds the decision in the deployment's log: quote it when you ask why."""


class ErrorFacts(BaseModel):
    """An error as a record, a manifest and a problem+json document carry it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    code: str
    """The error's stable name; docs/errors.md lists all of them."""
    message: str
    """What went wrong and what to do, for people. Its wording may change."""
    retryable: bool = False
    """Whether the same request may succeed later."""
    stage: str | None = None
    """The stage of the job that failed, where one did."""
    block: BlockFacts | None = None
    """Why the policy did not allow it, where that is the reason."""


class PlantainError(Exception):
    """An error that Plantain can explain; ``message`` says what to do about it.

    ``remedy`` says what a caller does about errors of this kind: docs/errors.md is made of it.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    remedy: ClassVar[str] = "Do what the message says; report an `internal` error with its `instance`."
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or self.title)
        self.message = message or self.title
        self.field = field
        self.instance: str | None = None  # under which an internal error was recorded
        self.retry_after: int | None = None  # seconds until another try can help, where they are known
        self.job_id: str | None = None  # of the job whose answer the error is
        self.quota: JobQuota | None = None  # what its caller has left of a limit of jobs, where it counted

    @classmethod
    def from_facts(cls, facts: ErrorFacts) -> PlantainError:
        """Returns the error that a record or a manifest keeps as ``facts``."""
        return cls(facts.message)

    def facts(self, stage: str | None = None) -> ErrorFacts:
        """Returns what a record or a manifest keeps of the error."""
        return ErrorFacts(code=self.code, message=self.message, retryable=self.retryable, stage=stage)

    @classmethod
    def tree(cls) -> dict[str, type[PlantainError]]:
        """Returns every error of the tree by its code."""
        found: dict[str, type[PlantainError]] = {cls.code: cls}
        for child in cls.__subclasses__():
            found |= child.tree()
        return found


def error_from_facts(facts: ErrorFacts) -> PlantainError:
    """Returns an error of the class that ``facts`` names; an internal error for a code that is not known."""
    return PlantainError.tree().get(facts.code, PlantainError).from_facts(facts)
