from __future__ import annotations

import pytest

from worker.typesetting.surface_words import find_surface, without_quoted


@pytest.mark.parametrize(
    ("prompt", "text", "name", "said"),
    [
        ('a cat with a sign that says "OPEN"', "OPEN", "sign", "a sign"),
        ('a birthday cake with the words "Happy Birthday"', "Happy Birthday", "cake", "a birthday cake"),
        ('a man in a blue shirt that says "Team A"', "Team A", "shirt", "blue shirt"),
        ('the words "I love you" on a cake', "I love you", "cake", "a cake"),
        ('a poster titled "Jazz", a neon sign "OPEN"', "OPEN", "sign", "a neon sign"),
        ("ein Hund mit einem Schild „Offen“", "Offen", "sign", "einem Schild"),
        ("写着“你好”的牌子", "你好", "sign", "牌子"),
    ],
)
def test_words_stand_on_the_nearest_thing_that_is_named(prompt: str, text: str, name: str, said: str) -> None:
    surface = find_surface(prompt, text)
    assert surface is not None
    assert (surface.name, surface.said) == (name, said)


@pytest.mark.parametrize("prompt", ['"OPEN"', 'a lighthouse with the text "OPEN"', 'a designer shows "OPEN"'])
def test_no_surface_is_made_up(prompt: str) -> None:
    assert find_surface(prompt, "OPEN") is None


def test_a_sign_within_other_quoted_words_is_none() -> None:
    assert find_surface('a man thinks "what a sign" and says "Hello"', "Hello") is None


@pytest.mark.parametrize(
    ("prompt", "plain"),
    [
        ('a cat with a sign that says "OPEN"', "a cat with a sign"),
        ('a castle with a banner "Welcome home" at night', "a castle with a banner at night"),
        ('a lighthouse at sunset with the text "Calm Seas"', "a lighthouse at sunset"),
        ('a boat named "Marie" on the sea', "a boat on the sea"),
        ("ein Hund mit einem Schild mit der Aufschrift „Offen“", "ein Hund mit einem Schild"),
        ('a poster titled "Jazz Night", a neon sign "OPEN"', "a poster, a neon sign"),
        ("a red boat", "a red boat"),
        ('"OPEN"', '"OPEN"'),
    ],
)
def test_a_model_that_cannot_write_is_asked_for_the_surface_alone(prompt: str, plain: str) -> None:
    assert without_quoted(prompt) == plain
