"""Bounds of a JSON text from outside, checked on its bytes before a parser spends time or memory on it.

A parser and a model's validation cost as much as a text has values: a megabyte of ``{},{},…`` takes seconds
and gigabytes. The checks here take one pass of fast searches, and at most ``quotes`` steps of Python. Strings
are skipped, so that a picture in base64 costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InvalidRequest

_QUOTE, _BACKSLASH = b'"', 0x5C
_NESTING = bytes(set(range(256)) - set(b"[]{}"))  # everything but brackets, to be deleted
_LONGEST_NAME = 80  # bytes of a field's name that an error repeats


@dataclass(frozen=True)
class JsonBounds:
    """The most that a JSON text may hold. The defaults are far more than any request has."""

    values: int = 5_000  # of lists and objects, at all levels
    depth: int = 64
    quotes: int = 40_000  # quotation marks, those inside strings too: a prompt may be nothing else
    syntax: int = 256 * 2**10  # bytes outside of strings
    string: int = 384 * 2**10  # bytes of a string as it is written; a prompt of escapes has 384,000
    long_fields: frozenset[bytes] = frozenset({b"data"})  # names of fields that hold a file in base64


REQUEST = JsonBounds()
NO_FILES = JsonBounds(long_fields=frozenset())


def check_bounds(text: bytes, bounds: JsonBounds = REQUEST) -> list[slice]:
    """Returns where the files are: the insides of strings that are longer than others may be.

    Raises InvalidRequest for a text beyond ``bounds``, without parsing it; it need not be JSON at all.
    """
    if text.count(_QUOTE) > bounds.quotes:
        raise InvalidRequest(f"The JSON has more than {bounds.quotes:,} quotation marks.")
    syntax, files = _without_strings(text, bounds)
    if syntax.count(b",") + syntax.count(b"[") + syntax.count(b"{") > bounds.values:
        raise InvalidRequest(f"The JSON has more than {bounds.values:,} values.")
    depth = 0
    for bracket in syntax.translate(None, _NESTING):
        depth += 1 if bracket in b"[{" else -1
        if depth > bounds.depth:
            raise InvalidRequest(f"The JSON is nested too deeply: {bounds.depth} levels are taken.")
    return files


def _without_strings(text: bytes, bounds: JsonBounds) -> tuple[bytearray, list[slice]]:
    files: list[slice] = []
    syntax, start, name = bytearray(), 0, b""
    while True:
        opening = text.find(_QUOTE, start)
        end = len(text) if opening < 0 else opening
        if len(syntax) + end - start > bounds.syntax:
            raise InvalidRequest(f"The JSON has more than {bounds.syntax:,} bytes beside its strings.")
        syntax += text[start:end]
        if opening < 0:
            return syntax, files
        closing = _end_of_string(text, opening + 1, bounds.string)
        if closing - opening > bounds.string:
            _check_file(text, opening, closing, name, bounds)
            files.append(slice(opening + 1, closing))
        name = text[opening + 1 : min(closing, opening + 1 + _LONGEST_NAME)]
        start = closing + 1


def _check_file(text: bytes, opening: int, closing: int, name: bytes, bounds: JsonBounds) -> None:
    """Raises InvalidRequest for a long string that is no file in base64: base64 needs no escapes."""
    if name not in bounds.long_fields or text.find(b"\\", opening, closing) >= 0:
        field = name.decode("utf-8", "replace") or None
        raise InvalidRequest(f"A text has more than {bounds.string:,} bytes.", field=field)


def _end_of_string(text: bytes, start: int, longest: int) -> int:
    """Returns the position of the quotation mark that ends the string, or of one after ``longest`` bytes.

    Raises InvalidRequest where there is none.
    """
    after = start
    while (end := text.find(_QUOTE, after)) >= 0:
        is_escaped = text[end - 1] == _BACKSLASH
        if not is_escaped or end - start > longest or _count_backslashes(text, start, end) % 2 == 0:
            return end
        after = end + 1
    raise InvalidRequest("The JSON ends within a string.")


def _count_backslashes(text: bytes, start: int, end: int) -> int:
    """Counts the backslashes right before ``end``, in growing pieces: it never reads more than
    twice the run.
    """
    length = 64
    while True:
        piece = text[max(start, end - length) : end]
        run = len(piece) - len(piece.rstrip(b"\\"))
        if run < len(piece) or len(piece) < length:
            return run
        length *= 2
