"""What is said of each endpoint of Google's interface in `/openapi.json`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.alias_generators import to_camel

from ...contract.errors import (
    BodiesBusy,
    FileExists,
    NotFound,
    UnknownModel,
)
from ..batch_results import LineQuery
from ..description import error_groups as errors
from ..description.operation import (
    BYTES,
    Answer,
    Content,
    DescribedModel,
    DialectDescription,
    Operation,
    event_content,
    json_answer,
    json_content,
)
from . import answers
from .batches.described import OPERATIONS as BATCH_OPERATIONS
from .content_body import GenerateContentBody
from .errors import error_code
from .files.file_upload import UploadBody
from .interactions.described import OPERATIONS as INTERACTION_OPERATIONS
from .predict import PredictBody
from .prediction_jobs.described import OPERATIONS as PREDICTION_JOB_OPERATIONS
from .videos.described import OPERATIONS as VIDEO_OPERATIONS


class StreamParameters(DescribedModel):
    """The query of a streamed answer."""

    alt: Literal["sse", "json"] = "json"
    """`sse`: server-sent events; otherwise a JSON array."""


class FileListParameters(DescribedModel, alias_generator=to_camel):
    """The query of a listing of files."""

    page_size: Annotated[int, Field(ge=1, le=100)] = 10
    page_token: str | None = None


class UploadHeaders(DescribedModel):
    """The headers of a request that uploads a file, or begins to."""

    protocol: Literal["resumable", "multipart", "raw"] = Field(alias="X-Goog-Upload-Protocol")
    command: Literal["start"] | None = Field(None, alias="X-Goog-Upload-Command")
    size: int | None = Field(None, alias="X-Goog-Upload-Header-Content-Length", ge=0)


class PieceHeaders(DescribedModel):
    """The headers of a piece."""

    command: Literal["upload", "finalize", "upload, finalize", "query", "cancel"] = Field(
        alias="X-Goog-Upload-Command"
    )
    offset: int | None = Field(None, alias="X-Goog-Upload-Offset", ge=0)


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

_RECEIVED = {
    "X-Goog-Upload-Status": "`active`, `final` or `cancelled`.",
    "X-Goog-Upload-Size-Received": "How many bytes have arrived.",
    "X-Goog-Upload-URL": "Where the pieces go.",
}
_UPLOADED = {200: Answer("The file, or how far it is.", (json_content(answers.UploadedFile),), _RECEIVED)}
_UPLOAD_ERRORS = (*errors.OF_SENT_BYTES, NotFound, FileExists)

_FILE_OPERATIONS = {
    "gemini.files.index": Operation(
        query=FileListParameters,
        answers={200: json_answer(answers.GoogleFileList)},
        errors=errors.OF_A_QUERY,
    ),
    "gemini.files.show": Operation(answers={200: json_answer(answers.GoogleFile)}, errors=errors.OF_A_NAME),
    "gemini.files.download": Operation(
        query=LineQuery,
        answers={200: Answer("The file.", (Content(BYTES),))},
        errors=(*errors.OF_A_NAME, *errors.OF_A_QUERY, BodiesBusy),
    ),
    "gemini.files.delete": Operation(answers={200: json_answer(answers.NothingMore)}, errors=(NotFound,)),
    "gemini.files.upload": Operation(
        body=(json_content(UploadBody), Content(BYTES), Content("multipart/related")),
        headers=UploadHeaders,
        answers=_UPLOADED,
        errors=_UPLOAD_ERRORS,
        needs_body=False,
    ),
    "gemini.files.continue": Operation(
        body=(Content(BYTES),),
        headers=PieceHeaders,
        answers=_UPLOADED,
        errors=_UPLOAD_ERRORS,
        needs_body=False,
    ),
}

DESCRIPTION = DialectDescription(
    title="Gemini",
    text="The interface of Google's clients: docs/gemini.md. Fields may be in camelCase or in snake_case.",
    operations=_OPERATIONS
    | _FILE_OPERATIONS
    | BATCH_OPERATIONS
    | PREDICTION_JOB_OPERATIONS
    | VIDEO_OPERATIONS
    | INTERACTION_OPERATIONS,
    prefixes=(
        *("/v1beta/models", "/v1beta/publishers", "/v1beta/interactions"),
        *("/upload/v1beta/", "/v1beta/"),
    ),
    error_model=answers.GoogleErrorBody,
    error_status=error_code,
    path_parameters={
        "model": {
            "description": "A model of this deployment, or one of Google's names for it.",
            "example": "gemini-2.5-flash-image",
        },
        "project": {"description": "Any name: it comes back in the names of jobs.", "example": "my-project"},
        "location": {"description": "Any name, as the project.", "example": "us-central1"},
        "job": {"pattern": "^[0-9]{1,39}$"},
        "batch": {"pattern": "^batch_[a-z2-7]{26}$"},
        "operation": {"pattern": "^job_[a-z2-7]{26}$"},
        "interaction": {"pattern": "^v1_[a-z2-7]{26}$"},
        "session": {"pattern": "^[A-Za-z0-9_-]{32}$"},
    },
)
