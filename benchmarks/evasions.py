"""How people spell what a filter looks for, lest it be found. Each is a function of text and dice."""

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


def capitals(text: str, dice: random.Random) -> str:
    return "".join(letter.upper() if dice.random() < 0.5 else letter.lower() for letter in text)


def full_width(text: str, dice: random.Random) -> str:
    del dice
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def mathematical(text: str, dice: random.Random) -> str:
    """Bold, script, fraktur or double-struck letters."""
    style = dice.choice((0x1D400, 0x1D4D0, 0x1D56C, 0x1D5D4, 0x1D670))
    return "".join(
        chr(style + 26 + ord(letter) - ord("a")) if "a" <= letter <= "z" else letter for letter in text
    )


def invisible(text: str, dice: random.Random) -> str:
    """Characters that nobody sees, between letters."""
    return "".join(letter + (dice.choice(_INVISIBLE) if dice.random() < 0.4 else "") for letter in text)


def unseen_spaces(text: str, dice: random.Random) -> str:
    """Characters that nobody sees in the place of spaces."""
    return "".join(dice.choice(_INVISIBLE) if letter == " " else letter for letter in text)


def foreign_digits(text: str, dice: random.Random) -> str:
    """The digits of another script."""
    zero = dice.choice(_DIGITS)
    return "".join(chr(zero + int(letter)) if letter in "0123456789" else letter for letter in text)


def confusable(text: str, dice: random.Random) -> str:
    """Letters of other scripts that look the same."""
    return _replaced(text, dice, _CONFUSABLE)


def leet(text: str, dice: random.Random) -> str:
    """Digits and signs for letters inside words; one letter of each word stays, or nobody could read it."""
    return " ".join(_leet_word(word, dice) for word in text.split(" "))


def _leet_word(word: str, dice: random.Random) -> str:
    if not (word.isascii() and word.isalpha()) or len(word) < 3:
        return word
    first, last = word[0], word[-1]  # a sign at a word's end is punctuation
    return first + _replaced(word[1:-1], dice, _LEET) + last


def spelt_out(text: str, dice: random.Random) -> str:
    """Every letter by itself: with spaces between them, and wider ones between words, or with a sign."""
    sign = dice.choice((" ", ".", "-", "_", "*"))
    gap = "   " if sign == " " else " "
    return gap.join(sign.join(word) if len(word) > 2 else word for word in text.split())


def stretched(text: str, dice: random.Random) -> str:
    """Letters that are held down; one that is doubled may be another word, as penne is."""
    return "".join(
        letter * dice.randint(3, 6)
        if letter.isascii() and letter.isalpha() and dice.random() < 0.3
        else letter
        for letter in text
    )


def accented(text: str, dice: random.Random) -> str:
    """Marks above, below and through letters."""
    marked = (
        letter + dice.choice(_ACCENTS)
        if letter.isascii() and letter.isalpha() and dice.random() < 0.5
        else letter
        for letter in text
    )
    return unicodedata.normalize("NFC", "".join(marked))


def _replaced(text: str, dice: random.Random, table: dict[str, str]) -> str:
    return "".join(
        dice.choice(table[letter]) if letter in table and dice.random() < 0.6 else letter for letter in text
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
