"""The answers of Google's interface, for its description: `/openapi.json`.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, RootModel
from pydantic.alias_generators import to_camel

from ..description.operation import DescribedModel


class GoogleAnswer(DescribedModel, alias_generator=to_camel):
    """A piece of an answer of Google's, whose fields are in camelCase."""


class ErrorDetail(DescribedModel, extra="allow"):
    """More about an error; its type says which fields it has."""

    type: str = Field(alias="@type")


class GoogleError(DescribedModel):
    """What stands under `error`. Of an interaction the code is a word."""

    code: int | str
    message: str
    status: str
    details: tuple[ErrorDetail, ...]


class GoogleErrorBody(DescribedModel):
    """An error as Google's clients read it."""

    error: GoogleError


class TokenCount(GoogleAnswer):
    """Counts of one kind."""

    modality: Literal["TEXT", "IMAGE"]
    token_count: int


class UsageMetadata(GoogleAnswer):
    """Counts for dashboards: nothing is billed by them."""

    prompt_token_count: int = 0
    candidates_token_count: int = 0
    total_token_count: int
    prompt_tokens_details: tuple[TokenCount, ...] = ()
    candidates_tokens_details: tuple[TokenCount, ...] = ()


class InlineData(GoogleAnswer):
    """A picture in base64."""

    mime_type: str
    data: str


class AnswerContentPart(GoogleAnswer):
    """Words about a picture, or the picture."""

    text: str = ""
    inline_data: InlineData | None = None


class AnswerContent(GoogleAnswer):
    """The parts of a candidate."""

    role: Literal["model"]
    parts: tuple[AnswerContentPart, ...]


class Candidate(GoogleAnswer):
    """One picture; without content where it was made and is withheld."""

    content: AnswerContent | None = None
    index: int
    finish_reason: str = ""
    finish_message: str = ""
    safety_ratings: tuple[Any, ...] = ()


class PromptFeedback(GoogleAnswer):
    """Why a prompt, or a picture that was sent, is refused."""

    block_reason: str
    block_reason_message: str


class GeneratedContent(GoogleAnswer):
    """The pictures of a conversation, or a piece of them in a stream."""

    candidates: tuple[Candidate, ...] = ()
    prompt_feedback: PromptFeedback | None = None
    usage_metadata: UsageMetadata | None = None
    model_version: str = ""
    response_id: str = ""
    create_time: str = ""


class GeneratedContentArray(RootModel[tuple[GeneratedContent, ...]]):
    """A stream as one JSON array."""


class CountedTokens(GoogleAnswer):
    """The tokens of a conversation."""

    total_tokens: int
    prompt_tokens_details: tuple[TokenCount, ...]


class Prediction(GoogleAnswer):
    """One picture, or why there is none."""

    mime_type: str = ""
    bytes_base64_encoded: str = ""
    rai_filtered_reason: str = ""


class Predictions(GoogleAnswer):
    """The pictures of a prediction."""

    predictions: tuple[Prediction, ...]


class GoogleModel(GoogleAnswer):
    """A model of this deployment."""

    name: str
    version: str
    display_name: str
    description: str
    input_token_limit: int
    output_token_limit: int
    supported_generation_methods: tuple[str, ...]


class GoogleModelList(GoogleAnswer):
    """The models of this deployment."""

    models: tuple[GoogleModel, ...]


class PublisherModel(GoogleAnswer):
    """A model in Vertex AI's shape."""

    name: str
    version_id: str


class PublisherModelList(GoogleAnswer):
    """The models in Vertex AI's shape."""

    publisher_models: tuple[PublisherModel, ...]


class GoogleFile(GoogleAnswer):
    """A file that the caller keeps for later requests."""

    name: str
    display_name: str
    mime_type: str
    size_bytes: str = ""
    """Absent for the answers of a batch, which are composed while they are read."""
    create_time: str
    update_time: str
    expiration_time: str = ""
    sha256_hash: str = ""
    uri: str
    download_uri: str
    state: Literal["ACTIVE"]
    source: Literal["UPLOADED", "GENERATED"]


class GoogleFileList(GoogleAnswer):
    """A page of a listing of files."""

    files: tuple[GoogleFile, ...]
    next_page_token: str = ""


class UploadedFile(GoogleAnswer):
    """The file, once all of it has arrived."""

    file: GoogleFile | None = None


class NothingMore(GoogleAnswer):
    """Nothing: it is done."""
