"""The keywords that the rules know, each with the name that Plantain uses for its meaning.

The scene vocabulary gives the words for what the embedded model can draw. The tables here add synonyms,
and subjects and styles that other models draw.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS as PALETTE
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

KeywordKind = Literal[
    "subject",
    "colour",
    "size",
    "setting",
    "light",
    "season",
    "weather",
    "style",
    "place",
    "mood",
    "relation",
]


@dataclass(frozen=True)
class Keyword:
    """The meaning of a keyword."""

    kind: KeywordKind
    name: str
    plural: bool = False

    @property
    def is_in_scenes(self) -> bool:
        """Returns True if the embedded model draws it."""
        return self.kind in ("relation", "size") or self.name in _SCENE_NAMES.get(self.kind, ())


_MORE_SUBJECTS = {
    "banana": "plantain",
    "boat": "yacht, dinghy",
    "house": "hut, cabin",
    "tree": "oak, pine, fir",
    "dog": "hound",
    "bird": "sparrow, robin, parrot, pigeon",
    "fish": "goldfish",
    "car": "motorcar, taxi",
    "balloon": "air balloon",
    "flower": "tulip, rose, daisy, sunflower",
    "person": "man, woman, child, boy, girl, portrait",
    "horse": "pony, foal",
    "rabbit": "bunny, hare",
    "elephant": "",
    "dragon": "",
    "bicycle": "bike",
    "bridge": "",
    "chair": "armchair",
    "bottle": "",
    "book": "",
}
_MORE_COLOURS = {
    "red": "crimson, scarlet, ruby, bright red",
    "orange": "tangerine",
    "yellow": "golden, lemon",
    "green": "emerald, olive, dark green, lime",
    "blue": "navy, azure, deep blue, sky blue, dark blue, light blue",
    "turquoise": "teal, cyan, aqua",
    "purple": "violet, lilac, lavender",
    "pink": "rosy, magenta",
    "brown": "chestnut",
    "white": "ivory, snow white",
    "black": "jet black",
    "grey": "gray, silver",
}
_MORE_SETTINGS = {
    "sea": "ocean, water, harbour, harbor, lake, waves",
    "meadow": "field, grass, hill, lawn, park",
    "desert": "dune, dunes, sand",
    "city": "town, street, skyline",
    "snow": "snowfield, snowy, snowy landscape",
    "forest": "wood, woods, jungle",
    "room": "kitchen, indoors, studio, living room, table",
    "space": "moon, outer space",
    "beach": "shore, coast, seaside",
    "mountains": "mountain, peak, alps",
    "underwater": "under water, seabed",
    "farm": "barnyard",
    "plain": "plain background, white background, empty background",
}
_LIGHTS = {
    "night": "by night, midnight, moonlight, under the stars, starry night, nighttime",
    "sunset": "evening, dusk, sundown, golden hour",
    "dawn": "sunrise, daybreak, early morning, early in the morning",
    "day": "daytime, noon, sunny, daylight, by day",
}
_MORE_SEASONS = {
    "spring": "springtime",
    "summer": "summertime",
    "autumn": "in fall, autumnal",
    "winter": "wintry",
}
_MORE_WEATHERS = {
    "clear": "cloudless, clear sky, weather clear, clear up the weather",
    "rain": "rainy, raining, drizzle, downpour",
    "snow": "snowing, it snows, snowstorm, blizzard, falling snow, snowfall, let it snow, make it snow",
    "fog": "foggy, mist, misty, hazy",
}
_MORE_STYLES = {
    "flat": "flat illustration, flat design, style to flat, into flat",
    "pencil": "pencil sketch, pencil drawing, sketch",
    "watercolour": "watercolor, aquarelle, watercolour painting, watercolor painting",
    "neon": "neon style, neon lights",
    "pixel": "pixel art, pixelated, 8 bit",
    "oil": "oil painting, oil paint, oil on canvas",
    "photo": "photograph, photorealistic, photo of",
}
_MOODS = {
    "cosy": "cozy, snug",
    "cheerful": "happy, joyful, merry, playful",
    "peaceful": "calm, serene, quiet, tranquil",
    "gloomy": "sad, melancholy, bleak",
    "dramatic": "epic, stormy",
    "mysterious": "eerie, spooky, haunting",
    "romantic": "dreamy",
}
_RELATIONS = {
    "left of": "to the left of, on the left of",
    "right of": "to the right of, on the right of",
    "above": "over, high above",
    "below": "under, underneath, beneath",
    "in front of": "",
    "behind": "",
    "next to": "beside, by the side of, alongside",
}

_SIZES = {"small": "tiny, little, mini", "large": "big, huge, giant, enormous"}
SIZES: dict[str, Literal["small", "large"]] = {"small": "small", "large": "large"}
_SCENE_NAMES: dict[KeywordKind, Container[str]] = {
    "subject": SUBJECTS,
    "colour": PALETTE,
    "setting": SETTINGS,
    "light": _LIGHTS,
    "season": SEASONS,
    "weather": WEATHERS,
    "style": STYLES,
    "place": PLACES,
}

COUNTS = {
    "one": 1,
    "two": 2,
    "pair": 2,
    "couple": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    **{str(n): n for n in range(1, 9)},
}


def _plural_of(words: str) -> str:
    if words.endswith("y") and words[-2:-1] not in "aeiou":
        return words[:-1] + "ies"
    return words + ("es" if words.endswith(("s", "sh", "ch", "x")) else "s")


def _split_names(names: str) -> list[str]:
    return [name for name in names.split(", ") if name]


def _normalise_words(words: str) -> str:
    """Returns the words as a prompt is split: in lower case and without hyphens."""
    return words.lower().replace("-", " ")


def _subject_entries() -> Iterable[tuple[str, Keyword]]:
    for name, kind in SUBJECTS.items():
        for one, many in zip(kind.names, kind.plural, strict=True):
            yield many, Keyword("subject", name, plural=many != one)
            yield one, Keyword("subject", name)
    for name, more in _MORE_SUBJECTS.items():
        for one in (name, *_split_names(more)):
            yield _plural_of(one), Keyword("subject", name, plural=True)
            yield one, Keyword("subject", name)


def _phrase_entries(
    kind: KeywordKind, phrases: Mapping[str, Iterable[str]], more: Mapping[str, str]
) -> Iterable[tuple[str, Keyword]]:
    """Yields the names, the phrases of the scene vocabulary, and the synonyms."""
    for name in {**phrases, **more}:
        for words in (name, *phrases.get(name, ()), *_split_names(more.get(name, ""))):
            yield words, Keyword(kind, name)


def _build_keywords() -> dict[str, Keyword]:
    """Returns the keyword of every spelling. If two kinds share one, the kind listed first has it."""
    entries = [
        *_phrase_entries("colour", dict.fromkeys(PALETTE, ()), _MORE_COLOURS),
        *_subject_entries(),
        *_phrase_entries("size", {}, _SIZES),
        *_phrase_entries("relation", {}, _RELATIONS),
        *_phrase_entries("setting", {name: each.phrases for name, each in SETTINGS.items()}, _MORE_SETTINGS),
        *_phrase_entries("light", {}, _LIGHTS),
        *_phrase_entries("season", {name: each.phrases for name, each in SEASONS.items()}, _MORE_SEASONS),
        *_phrase_entries("weather", {name: each.phrases for name, each in WEATHERS.items()}, _MORE_WEATHERS),
        *_phrase_entries("style", {name: each.phrases for name, each in STYLES.items()}, _MORE_STYLES),
        *_phrase_entries("place", {name: (*each.names, *each.cues) for name, each in PLACES.items()}, {}),
        *_phrase_entries("mood", {}, _MOODS),
    ]
    known: dict[str, Keyword] = {}
    for words, meaning in entries:
        known.setdefault(_normalise_words(words), meaning)
    for ambiguous in ("clear", "flat", "plain"):  # these words mean something else as often as not
        del known[ambiguous]
    return known


KEYWORDS = _build_keywords()
LONGEST_KEYWORD = max(len(words.split()) for words in KEYWORDS)
