"""The end of a job as generateContent answers it: candidates with words and a picture each."""

from __future__ import annotations

from math import ceil
from typing import Any

from ...contract.job import JobRecord
from ...contract.request import JobRequest
from ...contract.timestamps import format_time
from ...services import Services
from ...waiting.answer_size import check_encoded_size
from ...waiting.finished_job import FinishedJob
from ...waiting.picture_description import describe_picture
from ..encoded_pictures import PictureEncoder, encoded_picture

NO_WORDS = "Here is the picture."
"""The text of a picture of which nothing else is known: clients ask for words."""

_BYTES_PER_TOKEN = 4  # of a prompt
_PIXELS_PER_TOKEN = 1024  # of a picture
_INPUT_PICTURE_TOKENS = 1024


def content_parts(
    services: Services,
    finished: FinishedJob,
    *,
    with_text: bool,
    is_streamed: bool,
    encode: PictureEncoder = encoded_picture,
) -> list[list[dict[str, Any]]]:
    """Returns the parts of each candidate. Raises AnswerTooLarge for pictures that do not fit, and
    ExpiredResult.
    """
    check_encoded_size(sum(picture.bytes for picture in finished.pictures), is_streamed=is_streamed)
    return encode_parts(services, finished, encode, with_text=with_text)


def encode_parts(
    services: Services, finished: FinishedJob, encode: PictureEncoder, *, with_text: bool
) -> list[list[dict[str, Any]]]:
    """Returns the parts of each candidate, with pictures as ``encode`` writes them in base64."""
    return [
        [
            *([{"text": describe_picture(finished, facts) or NO_WORDS}] if with_text else []),
            {"inlineData": {"mimeType": facts.content_type, "data": encode(services, finished, n)}},
        ]
        for n, facts in enumerate(finished.pictures)
    ]


def generated_content(finished: FinishedJob, parts: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Returns the whole answer, with one candidate for each picture."""
    return {
        "candidates": [candidate(n, found) for n, found in enumerate(parts)],
        "usageMetadata": usage_metadata(finished.record),
        **answer_facts(finished.record),
    }


def candidate(index: int, parts: list[dict[str, Any]], *, is_last: bool = True) -> dict[str, Any]:
    """Returns one candidate; a stream says the reason of the end only with the last of its parts."""
    ended = {"finishReason": "STOP", "safetyRatings": []} if is_last else {}
    return {"content": {"role": "model", "parts": parts}, "index": index, **ended}


def answer_facts(record: JobRecord) -> dict[str, Any]:
    """Returns what every answer says beside its candidates."""
    return {"modelVersion": record.model, "responseId": record.id, "createTime": format_time(record.created)}


def usage_metadata(record: JobRecord) -> dict[str, Any]:
    """Returns counts for the dashboards that expect them: nothing is billed by them.

    A token is four bytes of prompt or 1,024 pixels drawn; each picture that was sent counts as 1,024 tokens.
    """
    text, pictures = prompt_tokens(record.request)
    drawn = record.request.picture_count * ceil(record.width * record.height / _PIXELS_PER_TOKEN)
    details = [{"modality": "TEXT", "tokenCount": text}]
    details += [{"modality": "IMAGE", "tokenCount": pictures}] if pictures else []
    return {
        "promptTokenCount": text + pictures,
        "candidatesTokenCount": drawn,
        "totalTokenCount": text + pictures + drawn,
        "promptTokensDetails": details,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": drawn}],
    }


def prompt_tokens(request: JobRequest) -> tuple[int, int]:
    """Returns the tokens of the request's words and of its pictures."""
    text = ceil(len(request.wanted.encode()) / _BYTES_PER_TOKEN)
    return text, len(request.images) * _INPUT_PICTURE_TOKENS
