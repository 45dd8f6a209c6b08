"""What is said of interactions in `/openapi.json`: their answers, events and operations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ....contract.errors import ExpiredResult, InvalidRequest, NotFound, TooManyWaiting
from ...description import error_groups as errors
from ...description.operation import (
    Answer,
    DescribedModel,
    Operation,
    event_content,
    json_answer,
    json_content,
)
from ..answers import NothingMore
from .interaction_request import InteractionBody

Status = Literal["in_progress", "completed", "failed", "cancelled"]


class _WordsOrPicture(DescribedModel):
    text: str = ""
    data: str = ""
    uri: str = ""
    mime_type: str = ""


class InteractionContent(_WordsOrPicture):
    """Words, or a picture: in base64 or as an address."""

    type: Literal["text", "image"]


class InteractionDelta(_WordsOrPicture):
    """Words, a picture, or a thought, whose content is a preview."""

    type: Literal["text", "image", "thought_summary"]
    content: InteractionContent | None = None


class InteractionStep(DescribedModel):
    """What the model made, what the user gave or, in a stream, the thought that has the previews."""

    type: Literal["model_output", "user_input", "thought"]
    content: tuple[InteractionContent, ...] = ()


class InteractionFault(DescribedModel):
    """Why an interaction failed."""

    code: str
    message: str


class ModalityTokens(DescribedModel):
    """Counts of one kind."""

    modality: Literal["text", "image"]
    tokens: int


class InteractionUsage(DescribedModel):
    """Counts for dashboards: nothing is billed by them."""

    total_input_tokens: int
    total_output_tokens: int
    total_tokens: int
    input_tokens_by_modality: tuple[ModalityTokens, ...]
    output_tokens_by_modality: tuple[ModalityTokens, ...]


class InteractionHead(DescribedModel):
    """An interaction in the events of its stream."""

    id: str
    object: Literal["interaction"]
    model: str
    status: Status
    created: str
    updated: str
    usage: InteractionUsage | None = None


class Interaction(InteractionHead):
    """An interaction: a job in steps."""

    steps: tuple[InteractionStep, ...]
    labels: dict[str, str] = Field(default_factory=dict[str, str])
    previous_interaction_id: str = ""
    errors: tuple[InteractionFault, ...] = ()
    input: tuple[InteractionStep, ...] = ()


class InteractionEvent(DescribedModel):
    """An event of an interaction's stream. Its id is one to resume the stream after."""

    event_type: Literal[
        "interaction.created",
        "interaction.status_update",
        "step.start",
        "step.delta",
        "step.stop",
        "interaction.completed",
        "error",
    ]
    event_id: str = ""
    interaction: InteractionHead | None = None
    interaction_id: str = ""
    status: Status | None = None
    index: int = 0
    step: InteractionStep | None = None
    delta: InteractionDelta | None = None
    error: InteractionFault | None = None


class InteractionQuery(DescribedModel):
    """The query of a request that shows an interaction."""

    stream: Literal["true", "false"] = "false"
    """Whether to stream the events instead of showing the interaction as it is."""
    last_event_id: str | None = None
    """The event after which the stream goes on."""
    include_input: Literal["true", "false"] = "false"


_ANSWER = Answer(
    "The interaction, or with `stream` its events and `[DONE]`.",
    (json_content(Interaction), event_content(InteractionEvent)),
)
_SHOWN: errors.Errors = (*errors.OF_A_NAME, ExpiredResult)

OPERATIONS = {
    "gemini.interactions.create": Operation(
        body=(json_content(InteractionBody),), answers={200: _ANSWER}, errors=errors.OF_A_DRAWING
    ),
    "gemini.interactions.show": Operation(
        query=InteractionQuery,
        answers={200: _ANSWER},
        errors=(*_SHOWN, InvalidRequest, TooManyWaiting),
    ),
    "gemini.interactions.cancel": Operation(
        answers={200: json_answer(Interaction)}, errors=(*_SHOWN, InvalidRequest)
    ),
    "gemini.interactions.delete": Operation(
        answers={200: json_answer(NothingMore)}, errors=(NotFound, InvalidRequest)
    ),
}
