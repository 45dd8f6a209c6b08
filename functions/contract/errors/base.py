"""The root of the tree, and what is written down of an error."""

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
