"""Globs over objects' names: the ``matchGlob`` of a listing.

https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-object-glob
"""

from __future__ import annotations

import re

from local.storage.errors import InvalidValue

MAX_GLOB = 1024
"""Bytes of a glob; its wildcards are at most as many."""

_CLASS = re.compile(r"\[([!^]?)(\]?[^\]]*)\]")


class NameGlob:
    """``*`` and ``?`` stop at slashes, ``**`` does not; ``[a-z]``, ``[!a-z]``, ``{one,two}`` as in a shell.

    A name is matched in one pass over its characters, whatever the glob: the places of the glob at which the
    match may stand are kept as a set.
    """

    def __init__(self, text: str) -> None:
        """Raises InvalidValue."""
        if len(text.encode(errors="replace")) > MAX_GLOB:
            raise InvalidValue(f"matchGlob is at most {MAX_GLOB} bytes long.")
        self._steps: dict[int, list[tuple[re.Pattern[str], int]]] = {}
        self._jumps: dict[int, list[int]] = {}
        self._count = 0
        self._end, rest = self._sequence(text, 0, self._place(), depth=0)
        if rest != len(text):
            raise InvalidValue("matchGlob closes a brace that it does not open.")

    def matches(self, name: str) -> bool:
        places = self._closure({0})
        for character in name:
            following = {
                to for at in places for pattern, to in self._steps.get(at, ()) if pattern.fullmatch(character)
            }
            if not following:
                return False
            places = self._closure(following)
        return self._end in places

    def _place(self) -> int:
        self._count += 1
        return self._count - 1

    def _step(self, at: int, pattern: str, to: int) -> None:
        self._steps.setdefault(at, []).append((re.compile(pattern, re.DOTALL), to))

    def _jump(self, at: int, to: int) -> None:
        self._jumps.setdefault(at, []).append(to)

    def _sequence(self, text: str, position: int, at: int, depth: int) -> tuple[int, int]:
        """Reads up to the end of the glob, or of the alternative.

        Returns the place behind what was read, and the position in ``text`` where it ended.
        """
        while position < len(text):
            character = text[position]
            if depth and character in ",}":
                break
            if character == "{":
                at, position = self._alternatives(text, position + 1, at, depth + 1)
            else:
                at, position = self._token(text, position, at)
        return at, position

    def _alternatives(self, text: str, position: int, at: int, depth: int) -> tuple[int, int]:
        end = self._place()
        while True:
            begin = self._place()
            self._jump(at, begin)
            last, position = self._sequence(text, position, begin, depth)
            self._jump(last, end)
            if position == len(text):
                raise InvalidValue("matchGlob opens a brace that it does not close.")
            position += 1
            if text[position - 1] == "}":
                return end, position

    def _token(self, text: str, position: int, at: int) -> tuple[int, int]:
        to = self._place()
        if text.startswith("*", position):
            length = 2 if text.startswith("**", position) else 1
            self._step(at, "." if length == 2 else "[^/]", at)
            self._jump(at, to)
            return to, position + length
        found = _CLASS.match(text, position)
        if found:
            inside = re.sub(r"([\\\[\]&~|^])", r"\\\1", found[2])
            self._step(at, _character_class("^" if found[1] else "", inside), to)
            return to, found.end()
        escaped = text[position] == "\\" and position + 1 < len(text)
        character = text[position + 1] if escaped else text[position]
        self._step(at, "[^/]" if character == "?" and not escaped else re.escape(character), to)
        return to, position + (2 if escaped else 1)

    def _closure(self, places: set[int]) -> set[int]:
        waiting = list(places)
        while waiting:
            for to in self._jumps.get(waiting.pop(), ()):
                if to not in places:
                    places.add(to)
                    waiting.append(to)
        return places


def _character_class(negation: str, inside: str) -> str:
    pattern = f"[{negation}{inside}]"
    try:
        re.compile(pattern)
    except re.error as error:
        raise InvalidValue(f"matchGlob has a set of characters that cannot be read: {error}.") from None
    return f"(?!/){pattern}"
