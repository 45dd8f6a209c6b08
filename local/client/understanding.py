"""How a prompt was understood, in named lines: what was drawn, missed and not understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from functions.contract.intent_facts import is_unrecognized
from worker.scene_vocabulary.listing import list_vocabulary

Facts = dict[str, Any]
"""A part of a manifest as the service sends it. A newer service may send more."""

_OF_A_THING = ("count", "size", "colour", "subject")
_SURROUNDINGS = ("setting", "place", "season", "weather", "light", "style")


def understanding_rows(manifest: Facts) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of each line."""
    images = manifest.get("images") or ()
    intents = [each.get("intent") for each in images if each.get("intent")] or [manifest.get("intent")]
    found = [intent for intent in intents if intent]
    for n, intent in enumerate(found):
        yield from _intent_rows(intent, f" {n}" if len(found) > 1 else "")
    if any(intent.get("unrecognized") and intent.get("vocabulary") for intent in found):
        yield "it knows", _describe_vocabulary()
    if lost := (manifest.get("region") or {}).get("unrecognized"):
        yield "not understood of the region", ", ".join(lost)
    for n, image in enumerate(images):
        number = f" {n}" if len(images) > 1 else ""
        yield from _word_rows(image.get("lettering") or (), number)
        yield from _score_rows(image.get("attempts") or (), number)


def _intent_rows(intent: Facts, number: str) -> Iterator[tuple[str, str]]:
    if understood := describe_intent(intent):
        yield f"understood{number}", understood
    if unrecognized := intent.get("unrecognized"):
        yield f"not understood{number}", ", ".join(unrecognized)
    if intent.get("language") and intent.get("vocabulary"):
        yield f"drawn as{number}", intent["prompt"]
    if intent.get("prompt_truncated"):
        yield f"not read{number}", f"{intent['prompt_truncated']} (the prompt is too long for the model)"


def describe_intent(intent: Facts) -> str:
    """Returns what was understood of a prompt: its things, and the facts of the surroundings."""
    lost = intent.get("unrecognized") or ()
    named = [
        (" ".join(str(figure[name]) for name in _OF_A_THING if figure.get(name)), figure["subject"])
        for figure in intent.get("figures") or ()
    ]
    kinds = _SURROUNDINGS if intent.get("vocabulary") else (*_SURROUNDINGS, "mood")
    named += [(intent[kind], intent[kind]) for kind in kinds if intent.get(kind)]
    return ", ".join(dict.fromkeys(words for words, name in named if not is_unrecognized(name, lost)))


def _score_rows(attempts: Iterable[Facts], number: str) -> Iterator[tuple[str, str]]:
    """Yields the score of the delivered drawing, what it misses, and what could not be checked."""
    chosen = next((attempt for attempt in attempts if attempt.get("chosen")), None)
    if chosen is None:
        return
    score = chosen.get("score")
    told = "none: nothing could be checked" if score is None else f"{score:.2f} of 1"
    yield f"score{number}", f"{told} ({chosen.get('by')})"
    if chosen.get("reasons"):
        yield "misses", "; ".join(chosen["reasons"])
    if chosen.get("unchecked"):
        yield "not checked", ", ".join(chosen["unchecked"])


def _word_rows(lettering: Iterable[Facts], number: str) -> Iterator[tuple[str, str]]:
    for words in lettering:
        yield f"words{number}", _describe_words(words)


def _describe_words(words: Facts) -> str:
    """Returns who wrote the words, and how they read."""
    by = {"model": "by the model", "typeset": f"typeset on the {words.get('surface')}"}
    told = f'"{words["text"]}": {by.get(words.get("method") or "", "not written")}'
    if words.get("problem"):
        return f"{told} ({words['problem']})"
    if words.get("matches") is None:
        return f"{told}, not checked"
    return f"{told}, reads right" if words["matches"] else f'{told}, reads "{words.get("read") or ""}"'


def _describe_vocabulary() -> str:
    known = list_vocabulary()
    return (
        f"{', '.join(known['subjects'])}; in {len(known['colours'])} colours and {len(known['settings'])} "
        "settings. `plantain models show starter` lists everything."
    )
