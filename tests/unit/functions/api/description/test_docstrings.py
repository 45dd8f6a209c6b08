"""A handler's docstring, as it is told to those who call it."""

from __future__ import annotations

from functions.api.description.docstrings import describe_handler


def test_the_first_sentence_is_the_summary_and_errors_are_left_out() -> None:
    def handler() -> None:
        """Shows ``one`` thing. Raises NotFound.

        It may be
        a large one. Raises Deleted for a thing
        that was deleted. Ask for it by its id.
        """

    assert describe_handler(handler) == {
        "summary": "Shows one thing",
        "description": "It may be a large one. Ask for it by its id.",
    }


def test_one_sentence_has_no_description() -> None:
    def handler() -> None:
        """Shows a thing."""

    assert describe_handler(handler) == {"summary": "Shows a thing"}
