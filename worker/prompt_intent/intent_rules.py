"""Reads the intent of a prompt by rules: keywords, and how they stand to each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from functions.contract.manifest import FigureFacts, IntentFacts
from worker.prompt_intent.intent_words import COUNTS, KEYWORDS, LONGEST_KEYWORD, Keyword, KeywordKind

_QUOTED = re.compile(r'"([^"]{1,80})"|“([^”]{1,80})”|„([^“”]{1,80})[“”]|«([^»]{1,80})»')
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[,.;:!?]")
_DENIALS = frozenset({"no", "without", "not", "never", "remove", "delete", "erase"})
_ENDS_DENIAL = frozenset(
    {"but", "with", "in", "on", "at", "from", "under", "only", "just", "make", "add", "to"}
)
_ARTICLES = frozenset({"a", "an", "the", "any", "some"})
_LINKS = frozenset(
    {"is", "are", "that", "which", "in", "to", "turn", "into", "painted", "should", "be", *_ARTICLES}
)
_BREAKS = frozenset({",", ".", ";", ":", "!", "?", "and", "or", "next", "with"})
_REACH = 3  # words between a thing and the colour that follows it


@dataclass(frozen=True)
class _Word:
    """A piece of the prompt: one word, or several words that are one keyword."""

    text: str
    meaning: Keyword | None = None

    def is_a(self, kind: KeywordKind) -> bool:
        return self.meaning is not None and self.meaning.kind == kind

    @property
    def is_unknown(self) -> bool:
        return self.meaning is None and self.text not in _BREAKS and self.text != ""

    @property
    def name(self) -> str:
        return self.meaning.name if self.meaning else ""


def read_intent(prompt: str, *, is_edit: bool = False) -> IntentFacts:
    """Returns the intent of a prompt, or of an instruction to change a picture.

    For an instruction, the intent is the wanted result: after "make the red boat blue" the boat is blue.
    """
    texts = tuple(next(filter(None, found)).strip() for found in _QUOTED.findall(prompt))
    tokens = _TOKEN.findall(_QUOTED.sub(" , ", prompt).lower())
    if is_edit:
        tokens = _rewrite_replacements(_rewrite_removals(_drop_old_values(tokens)))
    wished, without = _split_denied(tokens)
    words = list(_split_words(wished))
    figures, used = _find_figures(words, is_edit=is_edit)
    return IntentFacts(
        by="rules",
        prompt=prompt,
        subjects=tuple(dict.fromkeys(figure.subject for figure in figures)),
        colours=tuple(dict.fromkeys(words[n].name for n in used)),
        setting=_first_of_kind(words, "setting"),
        light=_first_of_kind(words, "light"),
        count=next((figure.count for figure in figures if figure.count), None),
        figures=tuple(figures),
        relation=_find_relation(words),
        place=_first_of_kind(words, "place"),
        season=_first_of_kind(words, "season"),
        weather=_first_of_kind(words, "weather"),
        style=_first_of_kind(words, "style"),
        mood=_first_of_kind(words, "mood"),
        texts=texts,
        without=without,
    )


def _split_words(tokens: list[str]) -> Iterator[_Word]:
    """Yields the longest keywords, and the words between them."""
    at = 0
    while at < len(tokens):
        for length in range(min(LONGEST_KEYWORD, len(tokens) - at), 0, -1):
            text = " ".join(tokens[at : at + length])
            if meaning := KEYWORDS.get(text):
                yield _Word(text, meaning)
                at += length
                break
        else:
            yield _Word(tokens[at])
            at += 1


def _drop_old_values(tokens: list[str]) -> list[str]:
    """Drops the old value: "from red to green" becomes "to green"."""
    old = {n + step for n, word in enumerate(tokens[:-1]) if word == "from" for step in (0, 1)}
    return [word for n, word in enumerate(tokens) if n not in old]


def _rewrite_removals(tokens: list[str]) -> list[str]:
    """Rewrites "get rid of the cat" and "take the cat away" as "remove the cat"."""
    text = " ".join(tokens).replace("get rid of", "remove")
    return re.sub(r"\btake ((?:\w+ ){1,6}?)(?:away|out)\b", r"remove \1,", text).split()


def _rewrite_replacements(tokens: list[str]) -> list[str]:
    """Rewrites "replace the cat with a dog" and its like: the old thing is denied, the new one wanted."""
    for verb, link in (("replace", "with"), ("replace", "by"), ("swap", "for"), ("instead", "show")):
        if verb in tokens and link in tokens[tokens.index(verb) :]:
            return _deny_replaced(tokens, verb, link)
    for verb in ("turn", "change"):  # "turn it into night" swaps nothing
        if verb in tokens and "into" in tokens[tokens.index(verb) :]:
            middle = tokens.index("into", tokens.index(verb))
            start = middle - 1 - tokens[:middle][::-1].index(verb)  # the nearest: "one more change, change …"
            if _names_a_thing(tokens[start:middle]) and _names_a_thing(tokens[middle:]):
                return [*tokens[:start], *_deny_replaced(tokens[start:], verb, "into")]
    return tokens


def _deny_replaced(tokens: list[str], verb: str, link: str) -> list[str]:
    start = tokens.index(verb)
    middle = tokens.index(link, start)
    gone = [word for word in tokens[start + 1 : middle] if word != "of"]
    return [*tokens[:start], "without", *gone, ",", *tokens[middle + 1 :]]


def _names_a_thing(tokens: list[str]) -> bool:
    return any(word.is_a("subject") for word in _split_words(tokens))


def _split_denied(tokens: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Splits the wanted words from the denied things: "no hat", "without clouds or people"."""
    wished: list[str] = []
    denied: list[list[str]] = []
    denying = False
    for n, token in enumerate(tokens):
        following = tokens[n + 1] if n + 1 < len(tokens) else ""
        if token in _DENIALS:
            denying = True
            denied.append([])
        elif denying and token in ("or", "nor", "and") and following not in _ARTICLES:
            denied.append([])
        elif denying and (token in _BREAKS or token in _ENDS_DENIAL):
            denying = False
            wished.append(token)
        elif denying:
            denied[-1] += [] if token in _ARTICLES else [token]
        else:
            wished.append(token)
    return wished, tuple(" ".join(words) for words in denied if words)


def _find_figures(words: list[_Word], *, is_edit: bool) -> tuple[list[FigureFacts], list[int]]:
    """Returns the wanted things, and the positions of the colours that are wanted."""
    figures: list[FigureFacts] = []
    colours = {n for n, word in enumerate(words) if word.is_a("colour")}
    taken: set[int] = set()
    for n, word in enumerate(words):
        if not word.is_a("subject"):
            continue
        before, after = _colour_before(words, n), _colour_after(words, n, taken)
        if is_edit and after is not None and before is not None:
            colours.discard(before)  # the old colour
            before = None
        colour = before if before is not None else after
        taken |= {colour} if colour is not None else set()
        name = words[colour].name if colour is not None else None
        figures.append(FigureFacts(subject=word.name, colour=name, count=_count_before(words, n)))
    return _merge_figures(figures), sorted(colours)


def _colour_before(words: list[_Word], n: int) -> int | None:
    """Returns where the colour before a thing is: in "the small red wooden boat" the boat is red."""
    for at in range(n - 1, max(-1, n - 4), -1):
        if words[at].is_a("colour"):
            return at
        if words[at].is_a("subject") or words[at].text in _BREAKS or words[at].text in _ARTICLES:
            return None
    return None


def _colour_after(words: list[_Word], n: int, taken: set[int]) -> int | None:
    """Returns where the colour after a thing is: the boat is red in "a boat that is red", and not in
    "a boat in a red harbour"."""
    for at in range(n + 1, min(len(words), n + 2 + _REACH)):
        word = words[at]
        if word.is_a("colour"):
            follower = words[at + 1] if at + 1 < len(words) else _Word("")
            another_s = follower.is_a("subject") or (at > n + 1 and follower.is_unknown)
            return None if another_s or at in taken else at
        if word.text not in _LINKS:
            return None
    return None


def _count_before(words: list[_Word], n: int) -> int | None:
    """Returns the number before a thing: "three green fish", "a pair of boats". Plain "a" is no number."""
    for at in range(n - 1, max(-1, n - 5), -1):
        text = words[at].text
        if text in COUNTS:
            return COUNTS[text]
        if words[at].is_a("subject") or text in _BREAKS:
            return None
    return None


def _merge_figures(figures: list[FigureFacts]) -> list[FigureFacts]:
    """Merges a thing that is named twice into one, with the colour and the number from either place."""
    merged: dict[str, FigureFacts] = {}
    separate: list[FigureFacts] = []
    for figure in figures:
        there = merged.get(figure.subject)
        if there is None:
            merged[figure.subject] = figure
        elif there.colour and figure.colour and there.colour != figure.colour:
            if figure not in separate:  # "a red cat and a blue cat"
                separate.append(figure)
        else:
            merged[figure.subject] = there.model_copy(
                update={"colour": there.colour or figure.colour, "count": there.count or figure.count}
            )
    return [*merged.values(), *separate]


def _find_relation(words: list[_Word]) -> str | None:
    """Returns the relation that is named between the first thing and the second."""
    things = [n for n, word in enumerate(words) if word.is_a("subject")]
    if len(things) < 2:
        return None
    between = words[things[0] + 1 : things[1]]
    return next((word.name for word in between if word.is_a("relation")), None)


def _first_of_kind(words: list[_Word], kind: KeywordKind) -> str | None:
    return next((word.name for word in words if word.is_a(kind)), None)
