"""What an intent asks for, one ask for each thing that can be right or wrong in a picture."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from functions.contract.intent_facts import FigureFacts, IntentFacts
from worker.prompt_intent.intent_words import Keyword
from worker.scene_vocabulary.english import join_words

Ask = tuple[str, str]
"""The kind (subject, colour, count, size, relation, setting …) and what it is about ("" for the whole)."""
_SURROUNDINGS = ("setting", "light", "place", "season", "weather", "style", "mood")


def list_asks(intent: IntentFacts) -> dict[Ask, str]:
    """Returns everything that the intent asks for, each with the words that say so."""
    asks: dict[Ask, str] = {}
    for figure in intent.figures:
        asks |= {ask: words for ask, words in _asks_of_figure(figure) if ask not in asks}
    owned = {figure.colour for figure in intent.figures}
    asks |= {("colour", colour): colour for colour in intent.colours if colour not in owned}
    if intent.relation:
        asks["relation", ""] = intent.relation
    for kind in _SURROUNDINGS:
        if name := getattr(intent, kind):
            asks[kind, ""] = name
    asks |= {("text", text): f'the words "{text}"' for text in intent.texts}
    asks |= {("without", phrase): f"no {phrase}" for phrase in intent.without}
    if intent.vocabulary:  # what the model does not know is among the unrecognized phrases
        asks = {ask: words for ask, words in asks.items() if _is_in_vocabulary(ask, intent)}
    return asks | {("unrecognized", phrase): phrase for phrase in intent.unrecognized}


def _is_in_vocabulary(ask: Ask, intent: IntentFacts) -> bool:
    match ask:
        case "subject" | "colour" | "count" | "size", subject if subject in intent.subjects:
            return Keyword("subject", subject).is_in_scenes
        case "mood", _:
            return False
        case "style" | "place" as kind, _:
            return Keyword(kind, getattr(intent, kind)).is_in_scenes
        case _:
            return True


def _asks_of_figure(figure: FigureFacts) -> Iterator[tuple[Ask, str]]:
    yield ("subject", figure.subject), figure.subject
    if figure.colour:
        yield ("colour", figure.subject), join_words(figure.colour, figure.subject)
    if figure.count:
        yield ("count", figure.subject), f"{figure.count} × {figure.subject}"
    if figure.size:
        yield ("size", figure.subject), join_words(figure.size, figure.subject)


def compare_asks(asks: Mapping[Ask, str], checked: Collection[Ask]) -> tuple[tuple[str, ...], float]:
    """Returns what was not checked, and the share (0–1) of the asks that was."""
    unchecked = tuple(dict.fromkeys(words for ask, words in asks.items() if ask not in checked))
    share = sum(ask in checked for ask in asks) / len(asks) if asks else 0.0
    return unchecked, share
