"""An intent in the English that the embedded model was trained on."""

from __future__ import annotations

from collections.abc import Sequence

from functions.contract.intent_facts import FigureFacts, IntentFacts
from worker.prompt_intent.prompt_words import split_words
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.english import join_words
from worker.scene_vocabulary.instructions import (
    SURROUNDINGS_INSTRUCTIONS,
    describe_figure,
    recolour_instruction,
    removal_instruction,
)
from worker.scene_vocabulary.lights import LIGHT_PHRASES
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS, SettingWords
from worker.scene_vocabulary.subjects import SUBJECTS

_COLOURLESS_STYLES = frozenset({"pencil"})
_SIDES = frozenset({"left", "right"})
_RELATIONS = {"left of": "to the left of", "right of": "to the right of"}


def write_prompt(intent: IntentFacts) -> str:
    """Returns a prompt with everything of the intent that the model can draw.

    The intent must be one of the scene vocabulary: what was unrecognized is left out.
    """
    figures = [describe_figure(figure) for figure in _drawable(intent)]
    if intent.relation and len(figures) == 2:
        who = f"{figures[0]} {_RELATIONS.get(intent.relation, intent.relation)} {figures[1]}"
    else:
        who = " and ".join(figures)
    prompt = join_words(
        who,
        SETTINGS[intent.setting].phrases[0] if intent.setting else "",
        f"in {PLACES[intent.place].names[0]}" if intent.place else "",
        LIGHT_PHRASES[intent.light][0] if intent.light else "",
        SEASONS[intent.season].phrases[0] if intent.season else "",
        WEATHERS[intent.weather].phrases[0] if intent.weather else "",
        STYLES[intent.style].phrases[0] if intent.style in STYLES else "",
        *(f'with a sign that says "{text}"' for text in intent.texts),
    )
    return prompt or join_words(*intent.colours)


def write_plain_prompt(intent: IntentFacts) -> str | None:
    """Returns the prompt in the plainest words of the training; None if they would lose what can be drawn.

    The embedded model follows these words best: docs/starter-model-card.md has figures. Where the prompt
    names no setting, they name the one in which the first figure is usually seen. Where it names no colour of
    a figure, they name the usual one, but for a pencil drawing: the model would draw a mixture of all usual
    ones.
    """
    figures = _drawable(intent)
    if not figures or intent.texts or _has_untold_facts(intent):
        return None
    if len(figures) > 1:  # the training has several of a kind alone only
        figures = [figure.model_copy(update={"several": False}) for figure in figures]
    if intent.style not in _COLOURLESS_STYLES:
        figures = [_with_usual_colour(figure) for figure in figures]
    setting = intent.setting or (None if intent.place else _usual_setting(figures, intent))
    return write_prompt(intent.model_copy(update={"figures": tuple(figures), "setting": setting}))


def _with_usual_colour(figure: FigureFacts) -> FigureFacts:
    return figure.model_copy(update={"colour": figure.colour or SUBJECTS[figure.subject].colours[0]})


def _has_untold_facts(intent: IntentFacts) -> bool:
    """Returns True if the model may draw something of the prompt that the intent has no field for.

    These are a figurine's hair and clothes, and the side of the picture on which something stands.
    """
    words = {word for phrase in intent.unrecognized for word in phrase.split()}
    return "figurine" in intent.subjects or not _SIDES.isdisjoint(words)


def _usual_setting(figures: Sequence[FigureFacts], intent: IntentFacts) -> str | None:
    """Returns the first home of the first figure, preferably of all, that suits the light and the weather."""
    homes = [SUBJECTS[figure.subject].homes for figure in figures]
    suitable = [name for name in homes[0] if _can_show(SETTINGS[name], intent)]
    shared = (name for name in suitable if all(name in others for others in homes))
    return next(shared, next(iter(suitable), None))


def _can_show(setting: SettingWords, intent: IntentFacts) -> bool:
    """Returns True if the intent's light, season and weather can be told there."""
    has_light = intent.light is None or intent.light in setting.lights
    has_season = intent.season is None or setting.seasons
    has_weather = intent.weather in (None, "clear") or setting.outdoors
    return has_light and has_season and has_weather


def write_instruction(intent: IntentFacts, *, adds: bool) -> str:
    """Returns the instruction for an edit; ``adds`` is True if the prompt says that something comes."""
    figures, gone = _drawable(intent), _subjects_in(intent.without)
    surroundings = [
        instruction(name)
        for kind, instruction in SURROUNDINGS_INSTRUCTIONS.items()
        if (name := getattr(intent, kind)) and (kind != "style" or name in STYLES)
    ]
    if gone and figures:
        things = [f"replace the {SUBJECTS[gone[0]].names[0]} with {describe_figure(figures[0])}"]
    elif gone:
        things = [removal_instruction(subject) for subject in gone]
    elif adds and figures:
        things = [_add(figures, intent.relation)]
    else:
        things = [recolour_instruction(each.subject, each.colour) for each in figures if each.colour]
    return " and ".join([*things, *surroundings]) or write_prompt(intent)


def _add(figures: list[FigureFacts], relation: str | None) -> str:
    if len(figures) > 1 and relation:
        where = _RELATIONS.get(relation, relation)
        return f"add {describe_figure(figures[0])} {where} the {SUBJECTS[figures[1].subject].names[0]}"
    return f"add {describe_figure(figures[0])}"


def _drawable(intent: IntentFacts) -> list[FigureFacts]:
    return [figure for figure in intent.figures if figure.subject in SUBJECTS]


def _subjects_in(phrases: tuple[str, ...]) -> list[str]:
    words = [word for phrase in phrases for word in split_words(phrase.split())]
    return [word.name for word in words if word.is_a("subject") and word.name in SUBJECTS]
