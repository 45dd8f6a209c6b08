"""Random wording: names, colours, sizes and positions of figures."""

from __future__ import annotations

import random

from training.scenes.composition import Figure
from training.scenes.subject_drawings.figurine import Character
from worker.scene_vocabulary.english import NUMBERS, join_words, with_article
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


def sample_name(figure: Figure, rng: random.Random, *, plain: bool = False) -> str:
    """Samples a name of the figure's subject, in the plural if there are several copies."""
    kind = SUBJECTS[figure.subject]
    names = kind.plural if figure.count > 1 else kind.names
    return names[0] if plain or rng.random() < 0.6 else rng.choice(names)


def describe_figure(
    figure: Figure, facts: dict[str, str], rng: random.Random, article: str = "a", *, second: bool = False
) -> str:
    """Describes a figure, and adds what the words state to ``facts``."""
    prefix = "second" if second else "subject"
    facts[prefix] = figure.subject
    if not second:
        facts["count"] = str(figure.count)
    if figure.character:
        return _describe_figurine(figure, figure.character, facts, rng, article, second=second)
    words = sample_name(figure, rng)
    if figure.colour not in SUBJECTS[figure.subject].colours or rng.random() > 0.3:
        facts["second_colour" if second else "colour"] = figure.colour
        words = f"{rng.choice(COLOUR_WORDS[figure.colour])} {words}"
    if figure.size != "normal":
        facts["size"] = figure.size
        words = f"{rng.choice(SIZE_WORDS[figure.size])} {words}"
    if figure.count > 1:
        number = NUMBERS[figure.count] if rng.random() < 0.85 else str(figure.count)
        return f"{number} {words}"
    return with_article(article, words)


def vary_spelling(text: str, rng: random.Random) -> str:
    """Varies the text as people type it: sometimes with a capital letter or a full stop."""
    if rng.random() < 0.4:
        text = text[0].upper() + text[1:]
    if rng.random() < 0.15:
        text += rng.choice(".!")
    return text


def place_phrase(place: str, rng: random.Random) -> str:
    """Samples a phrase for a place: its name, rarely in lower case, or its landmark."""
    if rng.random() < 0.3:
        return rng.choice(PLACES[place].cues)
    names = PLACES[place].names
    name = names[0] if rng.random() < 0.7 else rng.choice(names)
    return f"in {name.lower() if rng.random() < 0.15 else name}"


def _describe_figurine(
    figure: Figure,
    character: Character,
    facts: dict[str, str],
    rng: random.Random,
    article: str,
    *,
    second: bool,
) -> str:
    """Describes a figurine with its hair and clothes. A second one is described in fewer words."""
    words = sample_name(figure, rng)
    number = NUMBERS.get(figure.count, "")
    if figure.size != "normal":
        facts["size"] = figure.size
        words = f"{rng.choice(SIZE_WORDS[figure.size])} {words}"
    head = f"{number} {words}" if number else with_article(article, words)
    colour = rng.choice(COLOUR_WORDS[figure.colour])
    facts["second_colour" if second else "colour"] = figure.colour
    if not number and (second or rng.random() < 0.3):
        return f"{head} in {colour}" if rng.random() < 0.6 else with_article(article, f"{colour} {words}")
    outfits = f"{colour} {character.outfit}{'es' if character.outfit == 'dress' else 's'}"
    clothes = f"in {outfits}" if number else f"in {with_article('a', f'{colour} {character.outfit}')}"
    if not second:
        facts["outfit"] = character.outfit
    hair = ""
    if not second and rng.random() < 0.7:
        facts["hair"] = character.hair
        style = {"short": "short ", "long": "long ", "bun": ""}[character.hair_style]
        hair = f"with {style if rng.random() < 0.5 else ''}{character.hair} hair"
    hat = ""
    if character.hat:
        hat = f"{'and' if hair else 'with'} {with_article('a', f'{character.hat} hat')}"
    return join_words(head, hair, hat, clothes)
