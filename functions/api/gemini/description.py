"""What is said of each endpoint of Google's interface in `/openapi.json`."""

from __future__ import annotations

from typing import Literal

from ...contract.errors import UnknownModel
from ..description import error_groups as errors
from ..description.operation import (
    Answer,
    DescribedModel,
    DialectDescription,
    Operation,
    event_content,
    json_answer,
    json_content,
)
from . import answers
from .content_body import GenerateContentBody
from .errors import error_code
from .predict import PredictBody


class StreamParameters(DescribedModel):
    """The query of a streamed answer."""

    alt: Literal["sse", "json"] = "json"
    """`sse`: server-sent events; otherwise a JSON array."""


_PROMPT = {"contents": [{"role": "user", "parts": [{"text": "a red boat on the sea"}]}]}
_SMALL = {"generationConfig": {"imageConfig": {"imageSize": "512"}}}
_CONTENT = (json_content(GenerateContentBody, small={**_PROMPT, **_SMALL}),)
_STREAMED = Answer(
    "The answer in pieces.",
    (event_content(answers.GeneratedContent), json_content(answers.GeneratedContentArray)),
)

_OPERATIONS = {
    "gemini.generate": Operation(
        body=_CONTENT, answers={200: json_answer(answers.GeneratedContent)}, errors=errors.OF_A_DRAWING
    ),
    "gemini.stream": Operation(
        body=_CONTENT, query=StreamParameters, answers={200: _STREAMED}, errors=errors.OF_A_DRAWING
    ),
    "gemini.count_tokens": Operation(
        body=_CONTENT,
        answers={200: json_answer(answers.CountedTokens)},
        errors=(*errors.OF_A_BODY, UnknownModel),
    ),
    "gemini.predict": Operation(
        body=(
            json_content(
                PredictBody,
                small={
                    "instances": [{"prompt": "a red boat on the sea"}],
                    "parameters": {"sampleCount": 1, "sampleImageSize": "512"},
                },
            ),
        ),
        answers={200: json_answer(answers.Predictions)},
        errors=errors.OF_A_DRAWING,
    ),
    "gemini.models.index": Operation(answers={200: json_answer(answers.GoogleModelList)}),
    "gemini.models.show": Operation(answers={200: json_answer(answers.GoogleModel)}, errors=(UnknownModel,)),
    "gemini.publisher_models.index": Operation(answers={200: json_answer(answers.PublisherModelList)}),
    "gemini.publisher_models.show": Operation(
        answers={200: json_answer(answers.PublisherModel)}, errors=(UnknownModel,)
    ),
}

DESCRIPTION = DialectDescription(
    title="Gemini",
    text="The interface of Google's clients: docs/gemini.md. Fields may be in camelCase or in snake_case.",
    operations=_OPERATIONS,
    prefixes=("/v1beta/models", "/v1beta/publishers", "/v1beta/"),
    error_model=answers.GoogleErrorBody,
    error_status=error_code,
    path_parameters={
        "model": {
            "description": "A model of this deployment, or one of Google's names for it.",
            "example": "gemini-2.5-flash-image",
        },
    },
)
