"""Prompts in seven other languages are read by the tables of the vocabulary, and drawn as English ones."""

from __future__ import annotations

import pytest

from worker.prompt_intent.foreign_words import english_name, read_foreign
from worker.prompt_intent.intent_rules import read_intent
from worker.prompt_intent.intent_words import KEYWORDS
from worker.prompt_intent.prompt_words import split_tokens
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.foreign_names import LANGUAGES, load_language
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.listing import RELATIONS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

VOCABULARY = {
    "subject": set(SUBJECTS),
    "colour": set(COLOURS),
    "size": {"small", "large"},
    "setting": set(SETTINGS),
    "light": set(LIGHTS),
    "season": set(SEASONS),
    "weather": set(WEATHERS),
    "style": set(STYLES),
    "place": set(PLACES),
    "relation": set(RELATIONS),
    "number": {"one", "two", "three", "four", "five", "six", "seven", "eight"},
}
SENTENCES = {
    "de": {
        "ein rotes Boot auf dem Meer bei Nacht": "a red boat on the sea at night",
        "EIN ROTES BOOT AUF DEM MEER BEI NACHT!": "a red boat on the sea at night",
        "Bitte zeichne mir zwei weiße Katzen im Garten": "two white cats in a garden",
        "ein gruenes Haus im Winter, als Aquarell": "a green house in winter as a watercolour",
        "die roten Äpfel auf dem Tisch": "a red apple on a table",
        "drei kleine blaue Vögel im Wald": "three small blue birds in the forest",
        "eine schwarze Katze links von einem braunen Hund": "a black cat to the left of a brown dog",
    },
    "fr": {
        "un bateau rouge sur la mer la nuit": "a red boat on the sea at night",
        "deux chats noirs dans la forêt": "two black cats in the forest",
        "une petite voiture bleue devant un château gris": "a small blue car in front of a grey castle",
        "des oiseaux jaunes au coucher du soleil": "a yellow bird at sunset",
        "une maison blanche sous la neige": "a white house in the snow",
        "un phare à Paris en hiver": "a lighthouse in Paris in winter",
    },
    "es": {
        "un barco rojo en el mar de noche": "a red boat on the sea at night",
        "dos gatos negros en el bosque": "two black cats in the forest",
        "una casa blanca en la playa al amanecer": "a white house on the beach at dawn",
        "tres flores amarillas en el jardin": "three yellow flowers in a garden",
        "un búho marrón a la izquierda de un árbol verde": "a brown owl to the left of a green tree",
    },
    "it": {
        "una barca rossa sul mare di notte": "a red boat on the sea at night",
        "due gatti neri nella foresta": "two black cats in the forest",
        "una casa bianca in montagna d'inverno": "a white house in the mountains in winter",
        "un gufo marrone accanto a un albero verde": "a brown owl next to a green tree",
    },
    "pt": {
        "um barco vermelho no mar à noite": "a red boat on the sea at night",
        "dois gatos pretos na floresta": "two black cats in the forest",
        "uma casa branca na praia ao amanhecer": "a white house on the beach at dawn",
        "três flores amarelas no jardim": "three yellow flowers in a garden",
    },
    "zh": {
        "夜晚海上的一艘红色的船": "a red boat on the sea at night",
        "两只黑猫在森林里": "two black cats in the forest",
        "一只红色的猫和一只蓝色的狗": "a red cat and a blue dog",
        "请画一座白色的房子，冬天，水彩画": "a white house in winter as a watercolour",
        "巴黎的红色气球": "a red hot air balloon in Paris",
    },
    "ja": {
        "夜の海の赤い船": "a red boat on the sea at night",
        "森の中の二匹の黒い猫": "two black cats in the forest",
        "雪の中の白い家": "a white house in the snow",
        "海辺の黄色い傘、夕方、水彩画": "a yellow umbrella on the beach at sunset as a watercolour",
        "パリの赤い気球": "a red hot air balloon in Paris",
    },
}
EDITS = {
    "mach das Boot blau": "make the boat blue",
    "entferne die Katze": "remove the cat",
    "füge eine rote Katze links von dem Haus hinzu": "add a red cat to the left of the house",
    "remplace le chat par un chien noir": "replace the cat with a black dog",
    "haz el barco azul": "make the boat blue",
    "togli il gatto": "remove the cat",
    "remova o gato": "remove the cat",
    "把船变成蓝色": "make the boat blue",
    "把猫换成狗": "replace the cat with a dog",
    "ボートを青くして": "make the boat blue",
    "猫を消して": "remove the cat",
    "lass es schneien": "let it snow",
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_of_the_vocabulary_is_in_every_language(code: str) -> None:
    names = load_language(code).names
    assert {kind: set(words) for kind, words in names.items()} == VOCABULARY
    for kind, words in names.items():
        for name, forms in words.items():
            assert all(form.strip() for form in forms), (kind, name)
            text = english_name(kind, name)
            assert kind == "number" or KEYWORDS[text].name == name


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_form_alone_means_its_own_name(code: str) -> None:
    for name, forms in load_language(code).names["subject"].items():
        for form in forms:
            found = read_intent(form, scenes_only=True)
            assert found.subjects == (name,) or found.language not in (code, None), (form, found)


@pytest.mark.parametrize(
    ("code", "prompt", "english"),
    [(code, *pair) for code, sentences in SENTENCES.items() for pair in sentences.items()],
)
def test_a_prompt_is_drawn_as_its_english_one(code: str, prompt: str, english: str) -> None:
    found, own = read_intent(prompt, scenes_only=True), read_intent(english, scenes_only=True)
    assert (found.language, found.prompt, found.unrecognized) == (code, english, ())
    same = {"prompt", "language"}
    assert found.model_dump(exclude=same) == own.model_dump(exclude=same)


@pytest.mark.parametrize(("instruction", "english"), EDITS.items())
def test_an_instruction_is_given_in_english(instruction: str, english: str) -> None:
    found = read_intent(instruction, is_edit=True, scenes_only=True)
    assert (found.prompt, found.unrecognized) == (english, ())


@pytest.mark.parametrize(
    ("prompt", "phrases", "without"),
    [
        ("Ein Einhorn auf einem blauen Tisch", ("einhorn", "blue table"), ()),
        ("eine Katze ohne Hut", (), ("“hut”",)),
        ("eine Katze ohne Hunde", (), ("dog",)),
        ("un chat avec un chapeau", ("chapeau",), ()),
        ("独角兽在花园里", ("独角兽",), ()),
        ("没有帽子的红色的猫", (), ("“帽子”",)),
        ("熊猫和船", ("熊猫",), ()),
        ("自行车在城市里", ("自行车",), ()),
        ("海賊と猫", ("海賊",), ()),
        ("帽子なしの猫", (), ("“帽子”",)),
    ],
)
def test_what_the_tables_do_not_have_is_not_understood(
    prompt: str, phrases: tuple[str, ...], without: tuple[str, ...]
) -> None:
    found = read_intent(prompt, scenes_only=True)
    assert (found.unrecognized, found.without) == (phrases, without)


@pytest.mark.parametrize(
    "prompt",
    [
        "a candy cane",
        "a chat window",
        "die hard",
        "a red boat",
        "cactus",
        "a cat in Paris",
        "een rode boot op zee",
    ],
)
def test_other_words_are_not_taken_for_a_language(prompt: str) -> None:
    assert read_foreign(split_tokens(prompt)) is None


def test_a_model_that_is_not_limited_to_scenes_gets_the_callers_words() -> None:
    found = read_intent("ein rotes Boot")
    assert (found.prompt, found.language, found.subjects) == ("ein rotes Boot", "de", ("boat",))
