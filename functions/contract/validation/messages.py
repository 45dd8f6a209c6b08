"""Explains in plain words what is wrong with a value: pydantic's own messages name types and patterns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import StringConstraints, ValidationError
from pydantic_core import ErrorDetails

_LONGEST_NAME = 80  # characters
_KEY = "[key]"  # pydantic's last step to a key of a map, as opposed to its value
_SPELLINGS: dict[str, str] = {}


def text_pattern(pattern: str, meaning: str, *, max_length: int | None = None) -> StringConstraints:
    """Returns a constraint on how a text is written. ``meaning`` completes the sentence "The text
    must be …".
    """
    _SPELLINGS[pattern] = meaning
    return StringConstraints(pattern=pattern, max_length=max_length)


def shown_name(name: str) -> str:
    """Returns as much of a field's name as an error repeats: the caller chose it."""
    return name[:_LONGEST_NAME]


def field_of(error: ValidationError) -> str:
    """Returns where the first fault lies, as ``images[0].uri``."""
    path = ""
    for step in _first_fault(error)["loc"]:
        if step != _KEY:
            path += f"[{step}]" if isinstance(step, int) else f".{shown_name(step)}"
    return path.lstrip(".")


def explain_fault(error: ValidationError) -> str:
    """Returns the first fault as a sentence, without the value that caused it, which may be private."""
    where, what = field_of(error), explain_value_fault(error)
    return f"{where}: {what}" if where else what


def explain_value_fault(error: ValidationError) -> str:
    """Returns the same without the field's name."""
    fault = _first_fault(error)
    said = _SENTENCES.get(fault["type"], _say_own_words)(fault, fault.get("ctx", {}))
    return f"the name {said}" if fault["loc"] and fault["loc"][-1] == _KEY else said


def _first_fault(error: ValidationError) -> ErrorDetails:
    return error.errors(include_input=False, include_url=False)[0]


Sentence = Callable[[ErrorDetails, Mapping[str, Any]], str]


def _sentence(text: str) -> Sentence:
    return lambda _fault, facts: text.format_map(facts)


def _bound(words: str, name: str) -> Sentence:
    """Returns a sentence about a bound. A whole one is written without a fraction: 30, not 30.0."""

    def say(_fault: ErrorDetails, facts: Mapping[str, Any]) -> str:
        bound = facts[name]
        return f"{words} {int(bound) if float(bound).is_integer() else bound}"

    return say


def _say_own_words(fault: ErrorDetails, _facts: Mapping[str, Any]) -> str:
    """Returns what a validator of ours said. Messages of pydantic alone are not repeated: they may show the
    value.
    """
    prefix, ours, words = fault["msg"].partition("Value error, ")
    return words if ours and not prefix else "is not a value that is taken here"


def _say_choice(_fault: ErrorDetails, facts: Mapping[str, Any]) -> str:
    return "must be " + str(facts["expected"]).replace("'", "")


def _say_pattern(_fault: ErrorDetails, facts: Mapping[str, Any]) -> str:
    return f"must be {_SPELLINGS.get(facts['pattern'], 'written as its description says')}"


_OBJECT = _sentence("must be an object")
_LIST = _sentence("must be a list")
_TEXT = _sentence("must be a text")
_WHOLE = _sentence("must be a whole number")
_NUMBER = _sentence("must be a number")
_TRUTH = _sentence("must be true or false")
_TIME = _sentence("must be a time such as 2026-01-31T12:00:00Z")
_SENTENCES: dict[str, Sentence] = {
    "missing": _sentence("is missing"),
    "extra_forbidden": _sentence("there is no such field"),
    "literal_error": _say_choice,
    "enum": _say_choice,
    "string_pattern_mismatch": _say_pattern,
    "string_type": _TEXT,
    "string_sub_type": _TEXT,
    "string_unicode": _sentence("must be text that UTF-8 can carry"),
    "string_too_long": _sentence("may have at most {max_length} characters"),
    "string_too_short": _sentence("must have at least {min_length} characters"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _sentence("has too many digits"),
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _sentence("must be a finite number"),
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "greater_than": _bound("must be more than", "gt"),
    "greater_than_equal": _bound("must be at least", "ge"),
    "less_than": _bound("must be less than", "lt"),
    "less_than_equal": _bound("must be at most", "le"),
    "multiple_of": _sentence("must be a multiple of {multiple_of}"),
    "too_long": _sentence("may have at most {max_length} entries"),
    "too_short": _sentence("must have at least {min_length} entries"),
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "none_required": _sentence("must be null"),
    "json_invalid": _sentence("is not valid JSON"),
    "json_type": _sentence("is not valid JSON"),
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "timezone_aware": _TIME,
}
