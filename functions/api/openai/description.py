"""What is said of each endpoint of OpenAI's interface in `/openapi.json`."""

from __future__ import annotations

from ...contract.errors import (
    BodiesBusy,
    Deleted,
    ExpiredResult,
    IdempotencyConflict,
    IllegalTransition,
    InvalidRequest,
    NotFound,
    UnknownModel,
)
from ..batch_results import LineQuery
from ..description import error_groups as errors
from ..description.operation import (
    BYTES,
    Answer,
    Content,
    DialectDescription,
    Operation,
    event_content,
    json_answer,
    json_content,
    links_by_id,
)
from ..form_data import FORM
from ..quota_headers import QUOTA_HEADERS
from . import bodies
from .answers import batches, chat, files, images, models, provenance, responses
from .answers import errors as error_answers
from .batches.batches import BatchFields, BatchQuery
from .errors import error_status
from .files import FileQuery

_PROMPT = "a red boat on the sea"
_DRAWN = {
    "picture": {"prompt": _PROMPT, "size": "512x512"},
    "stream": {"prompt": _PROMPT, "size": "512x512", "stream": True, "partial_images": 1},
}
_CHATTED = {
    "picture": {"messages": [{"role": "user", "content": _PROMPT}], "image_config": {"image_size": "512"}},
}
_ASKED = {"picture": {"input": _PROMPT, "tools": [{"type": "image_generation", "size": "512x512"}]}}
_TO_A_FILE = links_by_id("file", "openai.files.show", "openai.files.content", "openai.files.delete")
_IMAGES = Answer(
    "The pictures, or with `stream` the events of their drawing.",
    (
        json_content(images.ImagesAnswer),
        event_content(images.PartialImageEvent, images.CompletedImageEvent, error_answers.ErrorEvent),
    ),
    QUOTA_HEADERS,
)
_CHAT = Answer(
    "The completion, or with `stream` its chunks and `[DONE]`.",
    (json_content(chat.ChatCompletion), event_content(chat.ChatChunk, error_answers.OpenAiErrorBody)),
    QUOTA_HEADERS,
)
_RESPONSE = Answer(
    "The response, or with `stream` its events.",
    (json_content(responses.ResponseObject), event_content(responses.ResponseEvent)),
    QUOTA_HEADERS,
    links=links_by_id("response", "openai.responses.show"),
)

_OPERATIONS = {
    "openai.images.create": Operation(
        body=(json_content(bodies.GenerationBody, **_DRAWN),),
        answers={200: _IMAGES},
        errors=errors.OF_A_DRAWING,
    ),
    "openai.images.edit": Operation(
        body=(Content(FORM, bodies.EditForm), json_content(bodies.EditBody)),
        answers={200: _IMAGES},
        errors=errors.OF_A_DRAWING,
    ),
    "openai.images.vary": Operation(
        body=(Content(FORM, bodies.VariationForm),), answers={200: _IMAGES}, errors=errors.OF_A_DRAWING
    ),
    "openai.chat.create": Operation(
        body=(json_content(bodies.ChatBody, **_CHATTED),), answers={200: _CHAT}, errors=errors.OF_A_DRAWING
    ),
    "openai.responses.create": Operation(
        body=(json_content(bodies.ResponseBody, **_ASKED),),
        answers={200: _RESPONSE},
        errors=errors.OF_A_DRAWING,
    ),
    "openai.responses.show": Operation(
        answers={200: json_answer(responses.ResponseObject)}, errors=(*errors.OF_A_NAME, ExpiredResult)
    ),
    "openai.models.index": Operation(answers={200: json_answer(models.OpenAiModelList)}),
    "openai.models.show": Operation(answers={200: json_answer(models.OpenAiModel)}, errors=(UnknownModel,)),
    "openai.provenance.create": Operation(
        body=(Content(FORM, bodies.ProvenanceForm),),
        answers={200: json_answer(provenance.ProvenanceCheck)},
        errors=(*errors.OF_A_DRAWING, NotFound),
    ),
    "openai.files.create": Operation(
        body=(Content(FORM, bodies.FileForm),),
        answers={200: json_answer(files.FileObject, links=_TO_A_FILE)},
        errors=errors.OF_SENT_BYTES,
    ),
    "openai.files.index": Operation(
        query=FileQuery, answers={200: json_answer(files.FileList)}, errors=(InvalidRequest,)
    ),
    "openai.files.show": Operation(answers={200: json_answer(files.FileObject)}, errors=errors.OF_A_NAME),
    "openai.files.content": Operation(
        query=LineQuery,
        answers={200: Answer("The file.", (Content(BYTES),))},
        errors=(*errors.OF_A_NAME, *errors.OF_A_QUERY, BodiesBusy),
    ),
    "openai.files.delete": Operation(
        answers={200: json_answer(files.DeletedFile)}, errors=(NotFound, InvalidRequest)
    ),
    "openai.batches.create": Operation(
        body=(json_content(BatchFields),),
        answers={200: json_answer(batches.BatchObject)},
        errors=(*errors.OF_SENT_BYTES, IdempotencyConflict, Deleted),
    ),
    "openai.batches.index": Operation(
        query=BatchQuery, answers={200: json_answer(batches.BatchObjectList)}, errors=(InvalidRequest,)
    ),
    "openai.batches.show": Operation(
        answers={200: json_answer(batches.BatchObject)}, errors=errors.OF_A_NAME
    ),
    "openai.batches.cancel": Operation(
        answers={200: json_answer(batches.BatchObject)}, errors=(*errors.OF_A_NAME, IllegalTransition)
    ),
}

DESCRIPTION = DialectDescription(
    title="OpenAI",
    text="The interface of OpenAI's clients: docs/openai.md. Also without `/v1`, and as Azure has it.",
    operations=_OPERATIONS,
    prefixes=("/v1/", "/openai/v1/"),
    error_model=error_answers.OpenAiErrorBody,
    error_status=error_status,
    path_parameters={
        "model": {
            "description": "A model of this deployment, or one of OpenAI's names for it.",
            "example": "gpt-image-1",
        },
        "file": {"pattern": "^file-((output|errors)-)?[a-z2-7]{26}$"},
        "batch": {"pattern": "^batch_[a-z2-7]{26}$"},
        "response": {"pattern": "^resp_[a-z2-7]{26}$"},
    },
)
