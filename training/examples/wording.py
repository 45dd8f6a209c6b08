"""The words for what scenes are made of, and figures in words."""

from __future__ import annotations

import random

from training.scenes.composition import Figure
from training.scenes.subject_drawings.figurine import Character
from worker.scene_vocabulary.english import NUMBERS, joined, with_article
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.subjects import SUBJECTS

COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "red": ("red", "red", "red", "bright red", "crimson", "scarlet"),
    "orange": ("orange",),
    "yellow": ("yellow", "yellow", "yellow", "golden"),
    "green": ("green", "green", "green", "dark green"),
    "blue": ("blue", "blue", "blue", "deep blue"),
    "purple": ("purple", "purple", "purple", "violet"),
    "pink": ("pink",),
    "white": ("white",),
    "black": ("black",),
    "brown": ("brown",),
    "grey": ("grey", "gray"),
    "turquoise": ("turquoise", "turquoise", "teal", "cyan"),
}
SIZE_WORDS: dict[str, tuple[str, ...]] = {
    "small": ("small", "tiny", "little"),
    "normal": (),
    "large": ("large", "big", "huge", "giant"),
}
POSITION_PHRASES: dict[str, tuple[str, ...]] = {
    "left": ("on the left", "on the left side"),
    "right": ("on the right", "on the right side"),
}


def name_of(figure: Figure, dice: random.Random, *, plain: bool = False) -> str:
    """One of a subject's names, in the plural where there are several of it."""
    kind = SUBJECTS[figure.subject]
    names = kind.plural if figure.count > 1 else kind.names
    return names[0] if plain or dice.random() < 0.6 else dice.choice(names)


def thing(
    figure: Figure, facts: dict[str, str], dice: random.Random, article: str = "a", *, second: bool = False
) -> str:
    """A figure in words; what they say of it goes into ``facts``."""
    prefix = "second" if second else "subject"
    facts[prefix] = figure.subject
    if not second:
        facts["count"] = str(figure.count)
    if figure.character:
        return _somebody(figure, figure.character, facts, dice, article, second=second)
    words = name_of(figure, dice)
    if figure.colour not in SUBJECTS[figure.subject].colours or dice.random() > 0.3:
        facts["second_colour" if second else "colour"] = figure.colour
        words = f"{dice.choice(COLOUR_WORDS[figure.colour])} {words}"
    if figure.size != "normal":
        facts["size"] = figure.size
        words = f"{dice.choice(SIZE_WORDS[figure.size])} {words}"
    if figure.count > 1:
        number = NUMBERS[figure.count] if dice.random() < 0.85 else str(figure.count)
        return f"{number} {words}"
    return with_article(article, words)


def spelled(text: str, dice: random.Random) -> str:
    """The text as people type it: mostly as it is, often with a capital, sometimes with a full stop."""
    if dice.random() < 0.4:
        text = text[0].upper() + text[1:]
    if dice.random() < 0.15:
        text += dice.choice(".!")
    return text


def place_phrase(place: str, dice: random.Random) -> str:
    """Where a figure is, at a place: by its name, rarely in lower case, or by its sign."""
    if dice.random() < 0.3:
        return dice.choice(PLACES[place].cues)
    names = PLACES[place].names
    name = names[0] if dice.random() < 0.7 else dice.choice(names)
    return f"in {name.lower() if dice.random() < 0.15 else name}"


def _somebody(
    figure: Figure,
    character: Character,
    facts: dict[str, str],
    dice: random.Random,
    article: str,
    *,
    second: bool,
) -> str:
    """A figurine, with its hair and clothes: of a second one, less is told."""
    words = name_of(figure, dice)
    number = NUMBERS.get(figure.count, "")
    if figure.size != "normal":
        facts["size"] = figure.size
        words = f"{dice.choice(SIZE_WORDS[figure.size])} {words}"
    head = f"{number} {words}" if number else with_article(article, words)
    colour = dice.choice(COLOUR_WORDS[figure.colour])
    facts["second_colour" if second else "colour"] = figure.colour
    if not number and (second or dice.random() < 0.3):
        return f"{head} in {colour}" if dice.random() < 0.6 else with_article(article, f"{colour} {words}")
    outfits = f"{colour} {character.outfit}{'es' if character.outfit == 'dress' else 's'}"
    clothes = f"in {outfits}" if number else f"in {with_article('a', f'{colour} {character.outfit}')}"
    if not second:
        facts["outfit"] = character.outfit
    hair = ""
    if not second and dice.random() < 0.7:
        facts["hair"] = character.hair
        style = {"short": "short ", "long": "long ", "bun": ""}[character.hair_style]
        hair = f"with {style if dice.random() < 0.5 else ''}{character.hair} hair"
    hat = ""
    if character.hat:
        hat = f"{'and' if hair else 'with'} {with_article('a', f'{character.hat} hat')}"
    return joined(head, hair, hat, clothes)
