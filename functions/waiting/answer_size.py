"""How many bytes an answer may have that carries its pictures in base64, decided before they are drawn.

A PNG of a photograph takes about 1.75 bytes a pixel, the other formats a fraction of that. Cloud Run takes
32 MB for an answer, and 10 MB for one that is streamed: https://cloud.google.com/functions/quotas.
"""

from __future__ import annotations

from ..contract.errors import AnswerTooLarge

MOST_BYTES = 32 * 2**20
MOST_STREAMED_BYTES = 10 * 2**20
_BYTES_PER_PIXEL = {"png": 1.75, "jpeg": 0.5, "webp": 0.4, "avif": 0.3}
_ORDINARY = 92  # the best quality for which the figures above hold
_BYTES_PER_BEST_PIXEL = {"jpeg": 1.75, "webp": 0.9, "avif": 1.75}  # of quality 100
_BASE64 = 4 / 3


def check_answer_size(
    width: int,
    height: int,
    count: int,
    picture_format: str,
    *,
    bit_depth: int = 8,
    quality: int | None = None,
    is_streamed: bool = False,
) -> None:
    """Raises AnswerTooLarge when ``count`` pictures of this size would not fit an answer."""
    sizes = _BYTES_PER_BEST_PIXEL if quality is not None and quality > _ORDINARY else _BYTES_PER_PIXEL
    each = width * height * sizes[picture_format] * bit_depth / 8 * _BASE64
    most = MOST_STREAMED_BYTES if is_streamed else MOST_BYTES
    if each * count > most:
        raise AnswerTooLarge(_advise(width, height, count, picture_format, is_streamed))


def check_encoded_size(pictures: int, *, is_streamed: bool = False) -> None:
    """Raises AnswerTooLarge when finished pictures of so many bytes together do not fit an answer."""
    most = MOST_STREAMED_BYTES if is_streamed else MOST_BYTES
    if pictures * _BASE64 > most:
        raise AnswerTooLarge(
            f"The pictures are ready and do not fit an answer of {most >> 20} MB: fetch them by the job's id."
        )


def _advise(width: int, height: int, count: int, picture_format: str, is_streamed: bool) -> str:
    """Returns what to ask for instead, in words that hold for every dialect."""
    most = (MOST_STREAMED_BYTES if is_streamed else MOST_BYTES) >> 20
    pictures = f"{count} pictures" if count > 1 else "A picture"
    instead = ["WebP or JPEG"] if picture_format == "png" else []
    instead += ["fewer pictures"] if count > 1 else []
    instead += ["a smaller size", "the pictures as URLs"]
    return (
        f"{pictures} of {width}×{height} as {picture_format.upper()} may not fit an answer of {most} MB: "
        f"ask for {', '.join(instead[:-1])} or {instead[-1]}."
    )
