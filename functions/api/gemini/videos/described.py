"""What is said of clips in the shape of Veo in `/openapi.json`: their answers and their endpoints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ....contract.errors import AnswerTooLarge, BodiesBusy
from ...description import error_groups as errors
from ...description.operation import Operation, json_answer, json_content
from ..answers import GoogleAnswer
from ..batches.described import RpcStatus
from .video_body import VideoBody
from .video_operations import OperationQuestion


class BegunVideo(GoogleAnswer):
    """The operation of a clip that was begun."""

    name: str


class VideoProgress(GoogleAnswer):
    """How far an operation is: `state`, and `progress` from 0 to 1."""

    type: str = Field(alias="@type")
    value: dict[str, Any]


class VideoFile(GoogleAnswer):
    """The address of a clip; without TLS the name of its file."""

    uri: str
    encoding: str


class VideoSample(GoogleAnswer):
    """One clip."""

    video: VideoFile


class VideoSamples(GoogleAnswer):
    """The clip, or why it is withheld."""

    generated_samples: tuple[VideoSample, ...] = ()
    rai_media_filtered_count: int = 0
    rai_media_filtered_reasons: tuple[str, ...] = ()


class EncodedVideo(GoogleAnswer):
    """A clip in base64."""

    bytes_base64_encoded: str
    mime_type: str


class VideoResponse(GoogleAnswer):
    """The end of an operation: for the Gemini API `generateVideoResponse`, for Vertex AI `videos`."""

    type: str = Field(alias="@type")
    generate_video_response: VideoSamples | None = None
    videos: tuple[EncodedVideo, ...] = ()
    rai_media_filtered_count: int = 0
    rai_media_filtered_reasons: tuple[str, ...] = ()


class VideoOperation(GoogleAnswer):
    """The operation of a clip."""

    name: str
    done: Literal[True] | None = None
    metadata: VideoProgress | None = None
    response: VideoResponse | None = None
    error: RpcStatus | None = None


_SMALL = {
    "instances": [{"prompt": "a red boat rocks on the sea"}],
    "parameters": {"durationSeconds": 2, "aspectRatio": "16:9"},
}

OPERATIONS = {
    "gemini.videos.create": Operation(
        body=(json_content(VideoBody, small=_SMALL),),
        answers={200: json_answer(BegunVideo)},
        errors=errors.OF_A_DRAWING,
    ),
    "gemini.videos.show": Operation(answers={200: json_answer(VideoOperation)}, errors=errors.OF_A_NAME),
    "gemini.videos.fetch": Operation(
        body=(json_content(OperationQuestion),),
        answers={200: json_answer(VideoOperation)},
        errors=(*errors.OF_A_BODY, *errors.OF_A_NAME, AnswerTooLarge, BodiesBusy),
    ),
}
