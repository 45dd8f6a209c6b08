"""The filter language, as Google's documentation of subscription filters describes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.pubsub.errors import InvalidArgument
from local.pubsub.subscription_filters import parse_filter


@pytest.mark.parametrize(
    ("expression", "attributes", "passes"),
    [
        ("", {}, True),
        ("  ", {"a": "b"}, True),
        ("attributes:lane", {"lane": ""}, True),
        ("attributes:lane", {"Lane": "gpu"}, False),
        ('attributes.lane = "gpu"', {"lane": "gpu"}, True),
        ('attributes.lane="gpu"', {"lane": "GPU"}, False),
        ('attributes.lane = "gpu"', {}, False),
        ('attributes.lane != "gpu"', {"lane": "remote"}, True),
        ('attributes.lane != "gpu"', {"lane": "gpu"}, False),
        ('attributes.lane != "gpu"', {}, True),
        ('hasPrefix(attributes.lane, "g")', {"lane": "gpu"}, True),
        ('hasPrefix(attributes.lane, "p")', {"lane": "gpu"}, False),
        ('hasPrefix(attributes.lane, "")', {}, False),
        ('NOT hasPrefix(attributes.lane, "g")', {}, True),
        ("-attributes:lane", {}, True),
        ("NOT attributes:lane", {"lane": ""}, False),
        ("attributes:a AND attributes:b", {"a": "", "b": ""}, True),
        ("attributes:a AND attributes:b AND attributes:c", {"a": "", "b": ""}, False),
        ("attributes:a OR attributes:b OR attributes:c", {"c": ""}, True),
        ("attributes:a AND (attributes:b OR NOT attributes:c)", {"a": ""}, True),
        ("NOT (attributes:a OR attributes:b)", {"b": ""}, False),
        ('attributes."iana.org/language tag" = "en"', {"iana.org/language tag": "en"}, True),
        ("attributes:with-hyphen_and_1", {"with-hyphen_and_1": ""}, True),
        ('attributes.ce-type = "a"', {"ce-type": "a"}, True),
        (r'attributes.quote = "say \"hi\" \\ \u00e9\x41\101\n"', {"quote": 'say "hi" \\ éAA\n'}, True),
        ('attributes.AND = "OR"', {"AND": "OR"}, True),
    ],
)
def test_a_filter_passes_what_it_says(expression: str, attributes: dict[str, str], passes: bool) -> None:
    assert parse_filter(expression)(attributes) is passes


@pytest.mark.parametrize(
    "expression",
    [
        "attributes",
        "attributes:",
        "attributes.a",
        "attributes.a = b",
        "attributes.a = 'b'",
        'attributes.a == "b"',
        'attributes.a < "b"',
        'attribute.a = "b"',
        'data = "b"',
        "attributes:a attributes:b",
        "attributes:a AND",
        "attributes:a and attributes:b",
        "attributes:a AND attributes:b OR attributes:c",
        "attributes:a OR attributes:b AND attributes:c",
        "(attributes:a",
        "attributes:a)",
        "()",
        "NOT",
        'hasPrefix(attributes.a "b")',
        'hasPrefix(attributes:a, "b")',
        'hasSuffix(attributes.a, "b")',
        'attributes.a = "unfinished',
        r'attributes.a = "\U00110000"',
        'attributes.iana.org = "b"',
        'attributes.a = "' + "x" * 256 + '"',
    ],
)
def test_what_does_not_follow_the_grammar_is_refused(expression: str) -> None:
    with pytest.raises(InvalidArgument, match="filter"):
        parse_filter(expression)


@given(st.text(alphabet='attributes:.=! "()ANDORNOThasPrefix,-\\x0', max_size=60))
def test_no_text_breaks_the_parser(expression: str) -> None:
    try:
        parse_filter(expression)({"a": "b"})
    except InvalidArgument as refused:
        assert "filter" in str(refused)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_quoted_key_and_value_match_themselves(key: str, value: str) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    expression = f"attributes.{quoted(key)} = {quoted(value)}"
    if len(expression.encode()) <= 256:
        assert parse_filter(expression)({key: value})
