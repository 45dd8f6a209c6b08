"""Spellings by which people hide words from a filter. Each is a function of a text and a random generator."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

Evasion = Callable[[str, random.Random], str]

_CONFUSABLE = {
    "a": "аαꓮⲁ",
    "c": "сϲꮯ",
    "d": "ꓓꭰ",
    "e": "еεꓰⲉ",
    "h": "ꓧⲏꮋ",
    "i": "іιꓲꭵ",
    "j": "јꓙ",
    "k": "κкꓗⲕ",
    "l": "ꓡꮮ",
    "n": "ոꓠⲛ",
    "o": "оοꓳⲟ",
    "p": "рρꓑⲣ",
    "s": "ѕꜱꓢꮪ",
    "t": "ꓔⲧ",
    "u": "ꓴ",
    "x": "хχꓫⲭ",
    "y": "уγꓬⲩ",
}
_LEET = {"a": "4@", "b": "8", "e": "3€", "i": "1!", "l": "1|", "o": "0", "s": "5$", "t": "7"}
_DIGITS = (
    0x0660,
    0x06F0,
    0x0966,
    0x09E6,
    0x0E50,
    0xFF10,
)  # Arabic, Persian, Hindi, Bengali, Thai, full width
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f"
_ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030a\u0323\u0336"


def capitals(text: str, rng: random.Random) -> str:
    return "".join(letter.upper() if rng.random() < 0.5 else letter.lower() for letter in text)


def full_width(text: str, rng: random.Random) -> str:
    del rng
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def mathematical(text: str, rng: random.Random) -> str:
    """Writes bold, script, fraktur or double-struck letters."""
    style = rng.choice((0x1D400, 0x1D4D0, 0x1D56C, 0x1D5D4, 0x1D670))
    return "".join(
        chr(style + 26 + ord(letter) - ord("a")) if "a" <= letter <= "z" else letter for letter in text
    )


def invisible(text: str, rng: random.Random) -> str:
    """Puts invisible characters between letters."""
    return "".join(letter + (rng.choice(_INVISIBLE) if rng.random() < 0.4 else "") for letter in text)


def unseen_spaces(text: str, rng: random.Random) -> str:
    """Puts invisible characters in the place of spaces."""
    return "".join(rng.choice(_INVISIBLE) if letter == " " else letter for letter in text)


def foreign_digits(text: str, rng: random.Random) -> str:
    """Writes the digits of another script."""
    zero = rng.choice(_DIGITS)
    return "".join(chr(zero + int(letter)) if letter in "0123456789" else letter for letter in text)


def confusable(text: str, rng: random.Random) -> str:
    """Writes letters of other scripts that look the same."""
    return _replaced(text, rng, _CONFUSABLE)


def leet(text: str, rng: random.Random) -> str:
    """Writes digits and signs for letters inside words; the first and the last letter stay readable."""
    return " ".join(_leet_word(word, rng) for word in text.split(" "))


def _leet_word(word: str, rng: random.Random) -> str:
    if not (word.isascii() and word.isalpha()) or len(word) < 3:
        return word
    first, last = word[0], word[-1]  # a sign at a word's end is punctuation
    return first + _replaced(word[1:-1], rng, _LEET) + last


def spelt_out(text: str, rng: random.Random) -> str:
    """Separates every letter by a space (and words by wider ones), or by a sign."""
    sign = rng.choice((" ", ".", "-", "_", "*"))
    gap = "   " if sign == " " else " "
    return gap.join(sign.join(word) if len(word) > 2 else word for word in text.split())


def stretched(text: str, rng: random.Random) -> str:
    """Repeats letters at least three times; a doubled letter could make another word, such as penne."""
    return "".join(
        letter * rng.randint(3, 6) if letter.isascii() and letter.isalpha() and rng.random() < 0.3 else letter
        for letter in text
    )


def accented(text: str, rng: random.Random) -> str:
    """Marks above, below and through letters."""
    marked = (
        letter + rng.choice(_ACCENTS)
        if letter.isascii() and letter.isalpha() and rng.random() < 0.5
        else letter
        for letter in text
    )
    return unicodedata.normalize("NFC", "".join(marked))


def _replaced(text: str, rng: random.Random, table: dict[str, str]) -> str:
    return "".join(
        rng.choice(table[letter]) if letter in table and rng.random() < 0.6 else letter for letter in text
    )


EVASIONS: tuple[Evasion, ...] = (
    capitals,
    full_width,
    mathematical,
    invisible,
    unseen_spaces,
    foreign_digits,
    confusable,
    leet,
    spelt_out,
    stretched,
    accented,
)
