"""Words of other languages, told from English and put into English tokens by the tables of the vocabulary."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from worker.prompt_intent.intent_words import COUNTS, KEYWORDS
from worker.prompt_intent.prompt_words import FOREIGN, split_tokens, split_words
from worker.prompt_intent.small_words import SMALL_WORDS
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.foreign_names import LANGUAGES, LanguageTable, load_language
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

_SMALL = "of"
"""Stands for every small word that changes nothing."""
_DENIALS = frozenset({"without", "no", "remove"})
_MARKS = frozenset(",.;:!?")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class Piece:
    """A piece of a foreign prompt."""

    text: str
    english: str | None
    """English tokens with the same meaning; None for a word that is not known."""
    is_name: bool = False
    """True for a word of the vocabulary, False for a small word, a number or a mark."""


@dataclass(frozen=True)
class ForeignPrompt:
    """A prompt in another language, as English tokens. Tokens that are not known begin with ``FOREIGN``."""

    table: LanguageTable
    tokens: list[str]


@dataclass(frozen=True)
class _Lexicon:
    table: LanguageTable
    pieces: Mapping[str, Piece]
    longest: int
    """The most words of a form; of a language without spaces, the most characters."""


def read_foreign(tokens: Sequence[str]) -> ForeignPrompt | None:
    """Returns the prompt in the language that explains most of it; None if that is English, or none does."""
    best, best_score = None, _score_english(tokens)
    for code in LANGUAGES:
        lexicon = _load_lexicon(code)
        pieces = list(_find_pieces(tokens, lexicon))
        score = _score_pieces(pieces)
        if score > best_score and _is_sure(pieces):
            best, best_score = (lexicon.table, pieces), score
    if best is None:
        return None
    table, pieces = best
    english = [word for piece in pieces for word in _english_tokens(piece)]
    return ForeignPrompt(
        table, english if table.separator else _bound_denials(english, follow=table.denials_follow)
    )


def _english_tokens(piece: Piece) -> list[str]:
    return [FOREIGN + piece.text] if piece.english is None else split_tokens(piece.english)


def _score_english(tokens: Sequence[str]) -> int:
    words = list(split_words(tokens))
    keywords = sum(2 * len(word.text) for word in words if word.meaning)
    return keywords + sum(len(word.text) for word in words if word.text in SMALL_WORDS)


def _score_pieces(pieces: Sequence[Piece]) -> int:
    """Returns the number of characters that are explained; names count twice."""
    return sum(len(piece.text) * (1 + piece.is_name) for piece in pieces if piece.english is not None)


def _is_sure(pieces: Sequence[Piece]) -> bool:
    """Returns True for two words that English does not have, or for one where nothing is unknown.

    One of them must be a name: "a candy cane" is no Italian dog.
    """
    own = [piece for piece in pieces if piece.english is not None and not _is_english(piece.text)]
    if not any(piece.is_name for piece in own):
        return False
    return len(own) >= 2 or all(piece.english is not None for piece in pieces)


def _is_english(text: str) -> bool:
    return text in KEYWORDS or text in SMALL_WORDS or text in COUNTS or text in _MARKS


def _find_pieces(tokens: Sequence[str], lexicon: _Lexicon) -> Iterator[Piece]:
    if lexicon.table.separator:
        yield from _find_words(tokens, lexicon)
        return
    for token in tokens:
        yield from _join_unknown(list(_find_characters(token, lexicon)))


def _find_words(tokens: Sequence[str], lexicon: _Lexicon) -> Iterator[Piece]:
    """Yields the longest forms, of one or more tokens."""
    at = 0
    while at < len(tokens):
        for length in range(min(lexicon.longest, len(tokens) - at), 0, -1):
            text = " ".join(tokens[at : at + length])
            if piece := lexicon.pieces.get(text) or lexicon.pieces.get(_fold(text)):
                yield Piece(text, piece.english, piece.is_name)
                at += length
                break
        else:
            yield _plain_piece(tokens[at])
            at += 1


def _find_characters(token: str, lexicon: _Lexicon) -> Iterator[Piece]:
    """Yields the longest forms within a token of a language without spaces, and single other characters."""
    if token.isascii():
        yield _plain_piece(token)
        return
    at = 0
    while at < len(token):
        for length in range(min(lexicon.longest, len(token) - at), 0, -1):
            if piece := lexicon.pieces.get(token[at : at + length]):
                yield piece
                at += length
                break
        else:
            yield Piece(token[at], None)
            at += 1


def _join_unknown(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Joins neighbours that are not known. A name of one character beside them is a part of their word:
    there is no cat in 熊猫, the panda."""
    run: list[str] = []
    for n, piece in enumerate(pieces):
        unknown_before = bool(run)
        unknown_after = n + 1 < len(pieces) and pieces[n + 1].english is None
        is_part = piece.is_name and len(piece.text) == 1 and (unknown_before or unknown_after)
        if piece.english is None or is_part:
            run.append(piece.text)
            continue
        if run:
            yield Piece("".join(run), None)
            run = []
        yield piece
    if run:
        yield Piece("".join(run), None)


def _plain_piece(token: str) -> Piece:
    """Returns a mark or a number as it is, and any other token as one that is not known."""
    return Piece(token, token if token in _MARKS or token.isdigit() else None)


def _bound_denials(tokens: Sequence[str], *, follow: bool) -> list[str]:
    """Puts "without" before its noun and a comma behind it, in languages that do not write words apart.

    It follows the noun in Japanese (帽子なし); in Chinese a particle ends it (没有帽子的猫).
    """
    placed: list[str] = []
    is_denying = False
    for token in tokens:
        if token in _DENIALS and follow and placed:
            at = len(placed) - 1
            while at > 0 and placed[at] in (_SMALL, "to"):
                at -= 1
            placed[at:] = [token, placed[at], ","]
        elif token == _SMALL and is_denying:
            placed.append(",")
            is_denying = False
        else:
            placed.append(token)
            is_denying = is_denying or token in _DENIALS
    return placed


@cache
def _load_lexicon(code: str) -> _Lexicon:
    table = load_language(code)
    pieces: dict[str, Piece] = {}
    for form, piece in _list_pieces(table):
        for spelling in (form, _fold(form), form.translate(_UMLAUTS)):
            key = " ".join(split_tokens(spelling)) if table.separator else spelling
            pieces.setdefault(key, piece)
    measure = str.split if table.separator else list
    return _Lexicon(table, pieces, max(len(measure(form)) for form in pieces))


def _list_pieces(table: LanguageTable) -> Iterator[tuple[str, Piece]]:
    for kind, names in table.names.items():
        for name, forms in names.items():
            for form in forms:
                yield form, Piece(form, english_name(kind, name), is_name=kind != "number")
    for word, forms in table.grammar.items():
        for form in forms:
            yield form, Piece(form, word)
    for form in table.small_words:
        yield form, Piece(form, _SMALL)


def english_name(kind: str, name: str) -> str:
    """Returns the plain English keyword for a name of the vocabulary."""
    if kind == "number":
        return name
    for words in _names_of(kind, name):
        text = " ".join(split_tokens(words))
        if (found := KEYWORDS.get(text)) and (found.kind, found.name) == (kind, name):
            return text
    raise KeyError(f"{kind} {name}")


def _names_of(kind: str, name: str) -> Sequence[str]:
    match kind:
        case "subject":
            return SUBJECTS[name].names
        case "setting":
            return (SETTINGS[name].name, *SETTINGS[name].phrases)
        case "place":
            return PLACES[name].names
        case "season" | "weather" | "style":
            words = {"season": SEASONS, "weather": WEATHERS, "style": STYLES}[kind][name]
            return (words.name, *words.phrases)
        case _:
            return (name,)


def _fold(text: str) -> str:
    """Returns Latin text without accents."""
    if not any("À" <= character <= "ɏ" for character in text):
        return text
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
