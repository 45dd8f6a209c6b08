"""The little English that sentences about scenes are put together with."""

from __future__ import annotations

NUMBERS = {2: "two", 3: "three", 4: "four"}


def with_article(article: str, words: str) -> str:
    """Puts ``article`` before ``words``: "a" becomes "an" before a vowel, "" adds nothing."""
    if article == "a" and words[0] in "aeiou":
        article = "an"
    return f"{article} {words}" if article else words


def join_words(*parts: str) -> str:
    """Joins the parts that are not empty, with a space between them."""
    return " ".join(filter(None, parts))
