from __future__ import annotations

import pytest

from worker.typesetting.typefaces import FACES, PLAIN, choose_face, has_glyph, missing_characters, split_runs

OSWALD, PACIFICO = FACES["Oswald"], FACES["Pacifico"]


LATIN = ["Žluťoučký kůň", "İstanbul", "Việt Nam", "€ 5 – 10 %"]
OTHERS = ["Καλώς ήρθατε", "Привет, мир!", "שלום", "مرحبا", "नमस्ते", "สวัสดี", "안녕하세요"]
HAN = ["こんにちは", "你好", "臺灣"]


@pytest.mark.parametrize("text", [*LATIN, *OTHERS, *HAN])
def test_many_scripts_have_glyphs(text: str) -> None:
    assert missing_characters(text) == ""


def test_what_no_font_has_is_named_and_never_drawn_as_a_box() -> None:
    assert missing_characters("I ♥ 🎂🎂 NY") == "♥🎂"
    assert not has_glyph(PLAIN.file, "你")
    assert has_glyph(PLAIN.file, " ")


def test_a_face_sets_what_it_has_and_the_plain_one_the_rest() -> None:
    assert choose_face("OPEN", OSWALD) is OSWALD
    assert choose_face("Привет", PACIFICO) is PACIFICO
    assert choose_face("Καλώς", OSWALD) is PLAIN


def test_each_script_has_its_font() -> None:
    runs = split_runs("Hello 世界!", PLAIN)
    assert [(run.text, run.file.partition("-")[0]) for run in runs] == [
        ("Hello ", "NotoSans"),
        ("世界", "NotoSansSC"),
        ("!", "NotoSans"),
    ]
    assert split_runs("日本の", PLAIN)[0].file.startswith("NotoSansJP")


def test_a_line_from_right_to_left_is_laid_out_from_the_right() -> None:
    runs = split_runs("שלום 24", PLAIN)
    assert [(run.text, run.is_right_to_left) for run in runs] == [("24", False), ("שלום ", True)]
    within = split_runs("Hello שלום! you", PLAIN)
    assert within[0].text == "Hello " and within[-1].text.endswith("you")
