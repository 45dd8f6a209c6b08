"""The kinds of subjects: what people call them, where they are usually seen and in which colours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SubjectWords:
    """The words for one kind of subject."""

    names: tuple[str, ...]
    """The first is the plain one."""
    plural: tuple[str, ...]
    """The plural of each name, in the same order."""
    homes: tuple[str, ...]
    """The settings in which people expect it, so that a caption may leave them out."""
    colours: tuple[str, ...]
    """The colours that people expect of it."""
    flies: bool = False


SUBJECTS: dict[str, SubjectWords] = {
    "cat": SubjectWords(
        ("cat", "kitten", "kitty"),
        ("cats", "kittens", "kitties"),
        ("room", "meadow"),
        ("orange", "black", "white"),
    ),
    "dog": SubjectWords(
        ("dog", "puppy", "doggy"), ("dogs", "puppies", "doggies"), ("meadow", "room"), ("brown", "white")
    ),
    "bird": SubjectWords(
        ("bird", "songbird", "little bird"), ("birds", "songbirds", "little birds"), ("forest",), ("blue",)
    ),
    "fish": SubjectWords(("fish",), ("fish",), ("underwater", "sea"), ("orange", "blue")),
    "owl": SubjectWords(("owl",), ("owls",), ("forest",), ("brown",)),
    "butterfly": SubjectWords(
        ("butterfly",), ("butterflies",), ("meadow", "garden"), ("orange", "blue"), flies=True
    ),
    "boat": SubjectWords(
        ("boat", "sailboat", "ship", "sailing boat"),
        ("boats", "sailboats", "ships", "sailing boats"),
        ("sea",),
        ("red", "white", "blue"),
    ),
    "car": SubjectWords(("car", "automobile"), ("cars", "automobiles"), ("city",), ("red", "blue")),
    "train": SubjectWords(
        ("train", "locomotive", "steam train"),
        ("trains", "locomotives", "steam trains"),
        ("meadow", "mountains"),
        ("green", "red"),
    ),
    "rocket": SubjectWords(
        ("rocket", "spaceship", "space rocket"),
        ("rockets", "spaceships", "space rockets"),
        ("space", "desert"),
        ("white", "red"),
        flies=True,
    ),
    "balloon": SubjectWords(
        ("hot air balloon", "balloon", "hot-air balloon"),
        ("hot air balloons", "balloons", "hot-air balloons"),
        ("meadow", "desert"),
        ("red", "yellow"),
        flies=True,
    ),
    "house": SubjectWords(
        ("house", "cottage", "home"),
        ("houses", "cottages", "homes"),
        ("meadow", "city"),
        ("red", "white", "yellow"),
    ),
    "castle": SubjectWords(
        ("castle", "palace", "fortress"), ("castles", "palaces", "fortresses"), ("mountains",), ("grey",)
    ),
    "lighthouse": SubjectWords(("lighthouse",), ("lighthouses",), ("beach", "sea"), ("red",)),
    "tree": SubjectWords(("tree",), ("trees",), ("meadow", "forest"), ("green",)),
    "flower": SubjectWords(
        ("flower", "blossom"), ("flowers", "blossoms"), ("garden", "meadow"), ("red", "pink")
    ),
    "mushroom": SubjectWords(
        ("mushroom", "toadstool"), ("mushrooms", "toadstools"), ("forest",), ("red", "brown")
    ),
    "cactus": SubjectWords(("cactus",), ("cacti",), ("desert",), ("green",)),
    "apple": SubjectWords(("apple",), ("apples",), ("room",), ("red", "green")),
    "banana": SubjectWords(("banana",), ("bananas",), ("room",), ("yellow",)),
    "robot": SubjectWords(
        ("robot", "android", "toy robot"), ("robots", "androids", "toy robots"), ("city", "room"), ("grey",)
    ),
    "mug": SubjectWords(
        ("mug", "cup", "coffee cup", "coffee mug"),
        ("mugs", "cups", "coffee cups", "coffee mugs"),
        ("room",),
        ("white", "red"),
    ),
    "star": SubjectWords(("star",), ("stars",), ("space",), ("yellow",), flies=True),
    "umbrella": SubjectWords(("umbrella", "parasol"), ("umbrellas", "parasols"), ("beach", "city"), ("red",)),
    "guitar": SubjectWords(
        ("guitar", "acoustic guitar"), ("guitars", "acoustic guitars"), ("room",), ("brown", "orange")
    ),
    "cake": SubjectWords(
        ("cake", "birthday cake"), ("cakes", "birthday cakes"), ("room",), ("pink", "brown")
    ),
    "snowman": SubjectWords(("snowman", "snow man"), ("snowmen", "snow men"), ("snow",), ("white",)),
    "figurine": SubjectWords(
        ("figurine", "doll", "person", "little figure"),
        ("figurines", "dolls", "people", "little figures"),
        ("room", "meadow"),
        ("blue", "red"),
    ),
}
