"""The end of a job as generateContent answers it: candidates with words and a picture each."""

from __future__ import annotations

from math import ceil
from typing import Any

from ...contract.job import JobRecord
from ...contract.manifest import AttemptFacts, FigureFacts, ImageFacts, IntentFacts
from ...contract.request import JobRequest
from ...contract.timestamps import format_time
from ...services import Services
from ...waiting.answer_size import check_encoded_size
from ...waiting.finished_job import FinishedJob
from ..encoded_pictures import PictureEncoder, encoded_picture

_BYTES_PER_TOKEN = 4  # of a prompt
_PIXELS_PER_TOKEN = 1024  # of a picture
_INPUT_PICTURE_TOKENS = 1024


def content_parts(
    services: Services, finished: FinishedJob, *, with_text: bool, is_streamed: bool
) -> list[list[dict[str, Any]]]:
    """Returns the parts of each candidate. Raises AnswerTooLarge for pictures that do not fit, and
    ExpiredResult.
    """
    check_encoded_size(sum(picture.bytes for picture in finished.pictures), is_streamed=is_streamed)
    return encode_parts(services, finished, encoded_picture, with_text=with_text)


def encode_parts(
    services: Services, finished: FinishedJob, encode: PictureEncoder, *, with_text: bool
) -> list[list[dict[str, Any]]]:
    """Returns the parts of each candidate, with pictures as ``encode`` writes them in base64."""
    return [
        [
            *([{"text": describe_picture(finished, facts)}] if with_text else []),
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


def describe_picture(finished: FinishedJob, facts: ImageFacts) -> str:
    """Returns what was understood of the prompt, and what the correction loop did, in English."""
    intent = facts.intent or finished.manifest.intent
    said = [_describe_intent(intent)] if intent else []
    said += [_describe_attempts(facts.attempts)] if len(facts.attempts) > 1 else []
    said += [_describe_unchecked(facts.attempts)]
    return " ".join(text for text in said if text) or "Here is the picture."


def _describe_intent(intent: IntentFacts) -> str:
    figures = [_describe_figure(figure) for figure in intent.figures] or list(intent.subjects)
    facts = [
        intent.setting,
        intent.place,
        intent.season,
        intent.weather,
        intent.light,
        intent.style,
        intent.mood,
    ]
    understood = [*figures, *(fact for fact in facts if fact)]
    said = [f"Understood: {', '.join(dict.fromkeys(understood))}."] if understood else []
    said += [f"Not understood: {', '.join(intent.unrecognized)}."] if intent.unrecognized else []
    said += (
        [f"Too long for the model, not read: {intent.prompt_truncated}."] if intent.prompt_truncated else []
    )
    return " ".join(said)


def _describe_figure(figure: FigureFacts) -> str:
    words = (str(figure.count) if figure.count else None, figure.size, figure.colour, figure.subject)
    return " ".join(word for word in words if word)


def _describe_attempts(attempts: tuple[AttemptFacts, ...]) -> str:
    chosen = next((n for n, attempt in enumerate(attempts, 1) if attempt.chosen), len(attempts))
    missed = list(
        dict.fromkeys(reason for attempt in attempts if not attempt.chosen for reason in attempt.reasons)
    )
    because = f" The others missed: {'; '.join(missed)}." if missed else ""
    return f"Of {len(attempts)} drawings, number {chosen} is delivered.{because}"


def _describe_unchecked(attempts: tuple[AttemptFacts, ...]) -> str:
    """Returns what could not be checked of the delivered drawing."""
    chosen = next((attempt for attempt in attempts if attempt.chosen), None)
    return f"Not checked: {', '.join(chosen.unchecked)}." if chosen and chosen.unchecked else ""
