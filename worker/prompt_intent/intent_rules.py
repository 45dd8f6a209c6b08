"""Reads the intent of a prompt by rules: keywords, and how they stand to each other."""

from __future__ import annotations

import re

from functions.contract.intent_facts import IntentFacts
from worker.prompt_intent.english_prompt import write_instruction, write_prompt
from worker.prompt_intent.figure_rules import ARTICLES, find_figures, find_relation
from worker.prompt_intent.foreign_words import read_foreign
from worker.prompt_intent.intent_words import KeywordKind
from worker.prompt_intent.prompt_words import BREAKS, FOREIGN, QUOTED, Word, split_tokens, split_words
from worker.prompt_intent.unrecognized import ONE_OF_EACH, PromptReading, find_unrecognized

_DENIALS = frozenset({"no", "without", "not", "never", "remove", "delete", "erase"})
_ENDS_DENIAL = frozenset(
    {"but", "with", "in", "on", "at", "from", "under", "only", "just", "make", "add", "to"}
)


def read_intent(prompt: str, *, is_edit: bool = False, scenes_only: bool = False) -> IntentFacts:
    """Returns the intent of a prompt, or of an instruction to change a picture.

    For an instruction, the intent is the wanted result: after "make the red boat blue" the boat is blue.
    ``scenes_only`` is for a model that knows the scene vocabulary alone: every other word is unrecognized.
    """
    texts = tuple(next(filter(None, found)).strip() for found in QUOTED.findall(prompt))
    tokens = split_tokens(QUOTED.sub(" , ", prompt))
    foreign = read_foreign(tokens)
    if foreign is None:
        return _read_tokens(tokens, texts, prompt, is_edit=is_edit, scenes_only=scenes_only)
    tokens, table = foreign.tokens, foreign.table
    intent = _read_tokens(
        tokens, texts, prompt, is_edit=is_edit, scenes_only=scenes_only, separator=table.separator
    )
    drawn = prompt  # a model that is not limited to scenes may know the language
    if scenes_only:
        drawn = write_instruction(intent, adds="add" in tokens) if is_edit else write_prompt(intent)
    return intent.model_copy(update={"language": table.code, "prompt": drawn or prompt})


def _read_tokens(
    tokens: list[str],
    texts: tuple[str, ...],
    prompt: str,
    *,
    is_edit: bool,
    scenes_only: bool,
    separator: str = " ",
) -> IntentFacts:
    if is_edit:
        tokens = _rewrite_replacements(_rewrite_removals(_drop_old_values(tokens)))
    wished, without = _split_denied(tokens)
    words = list(split_words(wished))
    found = find_figures(words, is_edit=is_edit)
    intent = IntentFacts(
        by="rules",
        prompt=prompt,
        subjects=tuple(dict.fromkeys(figure.subject for figure in found.figures)),
        colours=tuple(dict.fromkeys(words[n].name for n in found.colours)),
        count=next((figure.count for figure in found.figures if figure.count), None),
        figures=found.figures,
        relation=find_relation(words),
        setting=_first_of_kind(words, "setting"),
        light=_first_of_kind(words, "light"),
        place=_first_of_kind(words, "place"),
        season=_first_of_kind(words, "season"),
        weather=_first_of_kind(words, "weather"),
        style=_find_style(words),
        mood=_first_of_kind(words, "mood"),
        texts=texts,
        without=without,
        vocabulary="scenes" if scenes_only else None,
    )
    named = {name for kind in ONE_OF_EACH if (name := getattr(intent, kind))}
    reading = PromptReading(words, found.owned, named, scenes_only, separator)
    return intent.model_copy(update={"unrecognized": find_unrecognized(reading)})


def _find_style(words: list[Word]) -> str | None:
    """Returns the first style: "photo" only where there is no other, as in "a photo of a fish in pencil"."""
    styles = [word.name for word in words if word.is_a("style")]
    return next((style for style in styles if style != "photo"), styles[0] if styles else None)


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
    return any(word.is_a("subject") for word in split_words(tokens))


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
        elif denying and token in ("or", "nor", "and") and following not in ARTICLES:
            denied.append([])
        elif denying and (token in BREAKS or token in _ENDS_DENIAL):
            denying = False
            wished.append(token)
        elif denying:
            denied[-1] += [] if token in ARTICLES else [token]
        else:
            wished.append(token)
    return wished, tuple(" ".join(map(_quote_foreign, words)) for words in denied if words)


def _quote_foreign(token: str) -> str:
    """Returns a token as it is shown; one of another language in quotes, since it is no English word."""
    return f"“{token.removeprefix(FOREIGN)}”" if token.startswith(FOREIGN) else token


def _first_of_kind(words: list[Word], kind: KeywordKind) -> str | None:
    return next((word.name for word in words if word.is_a(kind)), None)
