"""Subscription filters: an expression over a message's attributes, parsed once into a predicate.

The grammar is that of https://cloud.google.com/pubsub/docs/subscription-message-filter:
``attributes:key``, ``attributes.key = "value"``, ``!=``, ``hasPrefix(attributes.key, "value")``, joined by
``AND`` or ``OR`` (which need parentheses to be mixed) and negated by ``NOT`` or ``-``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from local.pubsub.errors import InvalidArgument

Predicate = Callable[[Mapping[str, str]], bool]
"""Tells from a message's attributes whether it is delivered."""

MAX_FILTER_BYTES = 256

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")
          |(?P<operator>!=|[=:().,]|-(?=\s*(?:attributes\b|hasPrefix\b|\()))
          |(?P<word>[A-Za-z0-9_\-]+))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{3})|(.))", re.DOTALL)
_NAMED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def parse_filter(expression: str) -> Predicate:
    """Returns the predicate that a filter stands for; an empty filter passes every message.

    Raises:
        InvalidArgument: the expression is longer than 256 bytes or does not follow the grammar.
    """
    if len(expression.encode()) > MAX_FILTER_BYTES:
        raise InvalidArgument(f"The filter is longer than {MAX_FILTER_BYTES} bytes.")
    if not expression.strip():
        return _match_everything
    parser = _FilterParser(expression)
    predicate = parser.condition()
    parser.finish()
    return predicate


def _match_everything(_: Mapping[str, str]) -> bool:
    return True


def _split_tokens(expression: str) -> list[str]:
    found: list[str] = []
    at, end = 0, len(expression.rstrip())
    while at < end:
        match = _TOKEN.match(expression, at)
        if not match:
            raise InvalidArgument(f"The filter cannot be read from position {at}: {expression[at:]!r}.")
        found.append(match.group().lstrip())
        at = match.end()
    return found


def _unescape(literal: str) -> str:
    def character(match: re.Match[str]) -> str:
        *hexadecimal, octal, plain = match.groups()
        if plain is not None:
            return _NAMED.get(plain, plain)
        code = int(octal, 8) if octal else next(int(digits, 16) for digits in hexadecimal if digits)
        if code > 0x10FFFF:
            raise InvalidArgument(f"The filter names a character that does not exist: {match.group()}.")
        return chr(code)

    return _ESCAPE.sub(character, literal[1:-1])


class _FilterParser:
    """Recursive descent; each method takes its part of the tokens and returns what it means."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = _split_tokens(expression)
        self._next = 0

    def condition(self) -> Predicate:
        parts = [self._term()]
        joiner = self._peek()
        while joiner in ("AND", "OR") and self._peek() == joiner:
            self._take()
            parts.append(self._term())
        if joiner in ("AND", "OR") and self._peek() in ("AND", "OR"):
            raise self._wrong("AND and OR need parentheses to be mixed")
        if len(parts) == 1:
            return parts[0]
        every = all if joiner == "AND" else any
        return lambda attributes: every(part(attributes) for part in parts)

    def finish(self) -> None:
        if self._peek():
            raise self._wrong(f"{self._peek()!r} is not expected")

    def _term(self) -> Predicate:
        if self._peek() in ("NOT", "-"):
            self._take()
            inner = self._term()
            return lambda attributes: not inner(attributes)
        if self._peek() == "(":
            self._take()
            inner = self.condition()
            self._expect(")")
            return inner
        return self._has_prefix() if self._peek() == "hasPrefix" else self._comparison()

    def _has_prefix(self) -> Predicate:
        self._take()
        self._expect("(")
        self._expect("attributes")
        self._expect(".")
        key = self._key()
        self._expect(",")
        prefix = self._string()
        self._expect(")")
        return lambda attributes: attributes[key].startswith(prefix) if key in attributes else False

    def _comparison(self) -> Predicate:
        self._expect("attributes")
        if self._peek() == ":":
            self._take()
            key = self._key()
            return lambda attributes: key in attributes
        self._expect(".")
        key = self._key()
        operator = self._take()
        if operator not in ("=", "!="):
            raise self._wrong(f"= or != is expected after attributes.{key}")
        value = self._string()
        if operator == "=":
            return lambda attributes: key in attributes and attributes[key] == value
        return lambda attributes: key not in attributes or attributes[key] != value

    def _key(self) -> str:
        token = self._take()
        if token.startswith('"'):
            return _unescape(token)
        if not re.fullmatch(r"[A-Za-z0-9_\-]+", token):
            raise self._wrong("an attribute's name is expected (in quotes if it has other characters)")
        return token

    def _string(self) -> str:
        token = self._take()
        if not token.startswith('"'):
            raise self._wrong("a string in double quotes is expected")
        return _unescape(token)

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise self._wrong(f"{token!r} is expected")

    def _wrong(self, why: str) -> InvalidArgument:
        return InvalidArgument(f"The filter cannot be read: {why}: {self._expression!r}.")
