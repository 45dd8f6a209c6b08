"""Rules for the things that a prompt names: which colour, size and number belongs to which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.contract.intent_facts import FigureFacts
from worker.prompt_intent.intent_words import COUNTS, SIZES, KeywordKind
from worker.prompt_intent.prompt_words import BREAKS, Word
from worker.prompt_intent.small_words import SMALL_WORDS

ARTICLES = frozenset({"a", "an", "the", "any", "some"})
_LINKS = frozenset(
    {"is", "are", "that", "which", "in", "to", "turn", "into", "painted", "should", "be", *ARTICLES}
)
_REACH = 3  # words between a thing and the colour that follows it


@dataclass(frozen=True)
class FoundFigures:
    """The wanted things, and the positions of the words that say something of them."""

    figures: tuple[FigureFacts, ...]
    colours: tuple[int, ...]
    """The wanted colours, of things and of anything else."""
    owned: frozenset[int]
    """The colours, sizes and numbers of the things."""


def find_figures(words: Sequence[Word], *, is_edit: bool) -> FoundFigures:
    """Returns the wanted things. In an edit, the colour after a thing is the new one."""
    figures: list[FigureFacts] = []
    colours = {n for n, word in enumerate(words) if word.is_a("colour")}
    taken: set[int] = set()
    owned: set[int] = set()
    for n, word in enumerate(words):
        if not word.is_a("subject"):
            continue
        before, after = _attribute_before(words, n, "colour"), _colour_after(words, n, taken)
        if is_edit and after is not None and before is not None:
            colours.discard(before)  # the old colour
            owned.add(before)
            before = None
        colour = before if before is not None else after
        taken |= {colour} if colour is not None else set()
        size, count = _attribute_before(words, n, "size"), _count_before(words, n)
        owned |= {at for at in (colour, size, count) if at is not None}
        figures.append(
            FigureFacts(
                subject=word.name,
                colour=None if colour is None else words[colour].name,
                count=None if count is None else COUNTS[words[count].text],
                several=not is_edit and count is None and _is_plural(word),
                size=None if size is None else SIZES[words[size].name],
            )
        )
    return FoundFigures(tuple(_merge_figures(figures)), tuple(sorted(colours)), frozenset(owned))


def find_relation(words: Sequence[Word]) -> str | None:
    """Returns the relation that is named between the first thing and the second."""
    things = [n for n, word in enumerate(words) if word.is_a("subject")]
    if len(things) < 2:
        return None
    between = words[things[0] + 1 : things[1]]
    return next((word.name for word in between if word.is_a("relation")), None)


def _attribute_before(words: Sequence[Word], n: int, kind: KeywordKind) -> int | None:
    """Returns where the colour or the size before a thing is: in "the small red wooden boat" it is red."""
    for at in range(n - 1, max(-1, n - 4), -1):
        if words[at].is_a(kind):
            return at
        if words[at].is_a("subject") or words[at].text in BREAKS or words[at].text in ARTICLES:
            return None
    return None


def _colour_after(words: Sequence[Word], n: int, taken: set[int]) -> int | None:
    """Returns where the colour after a thing is: the boat is red in "a boat that is red", and not in
    "a boat in a red harbour"."""
    for at in range(n + 1, min(len(words), n + 2 + _REACH)):
        word = words[at]
        if word.is_a("colour"):
            follower = words[at + 1] if at + 1 < len(words) else Word("")
            another_s = follower.is_a("subject") or (at > n + 1 and _is_noun(follower))
            return None if another_s or at in taken else at
        if word.text not in _LINKS:
            return None
    return None


def _is_plural(word: Word) -> bool:
    return word.meaning is not None and word.meaning.plural


def _is_noun(word: Word) -> bool:
    """Returns True for a word that a colour before it would belong to: "harbour", but not "at night"."""
    return word.text != "" and word.text not in BREAKS and word.text.split()[0] not in SMALL_WORDS


def _count_before(words: Sequence[Word], n: int) -> int | None:
    """Returns where the number before a thing is: "three fish", "a pair of boats". Plain "a" is none."""
    for at in range(n - 1, max(-1, n - 5), -1):
        if words[at].text in COUNTS:
            return at
        if words[at].is_a("subject") or words[at].text in BREAKS:
            return None
    return None


def _merge_figures(figures: Sequence[FigureFacts]) -> list[FigureFacts]:
    """Merges a thing that is named twice into one, with what is said of it in either place."""
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
            merged[figure.subject] = figure.model_copy(update=there.model_dump(exclude_none=True))
    return [*merged.values(), *separate]
