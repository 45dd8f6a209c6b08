"""One spelling for what reads the same: so that width, case and invisible characters hide nothing."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = "Cf"  # zero-width spaces and joiners, soft hyphens, direction marks


def words(text: str) -> str:
    """``text`` as lower-case words with one space around each: a phrase is found with a plain ``in``."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    visible = "".join(letter for letter in folded if unicodedata.category(letter) != _INVISIBLE)
    return f" {' '.join(_WORD.findall(visible))} "
