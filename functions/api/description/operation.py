"""What a dialect says of each of its endpoints: bodies, answers, parameters and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from ...contract.errors import PlantainError
from ...http_edge.json_response import JSON

EVENT_STREAM = "text/event-stream"
BYTES = "application/octet-stream"

FilePart = Annotated[bytes, WithJsonSchema({"type": "string", "format": "binary"})]
"""A file of a form."""


class DescribedModel(BaseModel):
    """A model that only describes. A field of an answer that has a default may be left out."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, protected_namespaces=())


@dataclass(frozen=True)
class Content:
    """One form of a body or an answer. Without ``model`` it is bytes; of a stream each event's data is one of
    ``events``. ``examples`` are bodies that are answered with success.
    """

    media_type: str
    model: type[BaseModel] | None = None
    events: tuple[type[BaseModel], ...] = ()
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])


@dataclass(frozen=True)
class Link:
    """What an answer leads to: an endpoint, and the parameters that name the thing there.

    A parameter is a value, or an expression: ``$response.body#/id``.
    """

    endpoint: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """The answer of one status: its forms, the headers that it may have with their meanings, what follows."""

    meaning: str
    contents: tuple[Content, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One endpoint. ``query`` and ``headers`` are models whose fields are the parameters.

    ``errors`` are raised beside those of every call.
    """

    answers: Mapping[int, Answer]
    body: tuple[Content, ...] = ()
    query: type[BaseModel] | None = None
    headers: type[BaseModel] | None = None
    errors: tuple[type[PlantainError], ...] = ()
    needs_body: bool = True


@dataclass(frozen=True)
class DialectDescription:
    """What is said of one dialect.

    Each endpoint is shown at one address: that under the first of ``prefixes`` that needs no client's header.
    ``path_parameters`` are what the variable parts of its addresses mean, as JSON Schemas.
    """

    title: str
    text: str
    operations: Mapping[str, Operation]
    prefixes: tuple[str, ...]
    error_model: type[BaseModel]
    error_status: Callable[[PlantainError], int]
    path_parameters: Mapping[str, Mapping[str, object]]
    error_media_type: str = JSON


def json_answer(
    model: type[BaseModel], meaning: str = "The answer.", *, links: tuple[Link, ...] = ()
) -> Answer:
    """Returns the answer whose body is the JSON of ``model``."""
    return Answer(meaning, (json_content(model),), links=links)


def json_content(model: type[BaseModel], **examples: Mapping[str, Any]) -> Content:
    """Returns the JSON of ``model``."""
    return Content(JSON, model, examples=examples)


def event_content(*events: type[BaseModel]) -> Content:
    """Returns a stream of server-sent events."""
    return Content(EVENT_STREAM, events=events)


def links_by_id(parameter: str, *endpoints: str, **more: str) -> tuple[Link, ...]:
    """Returns links to endpoints that name the answer's thing by its ``id``."""
    return tuple(Link(each, {parameter: "$response.body#/id", **more}) for each in endpoints)
