"""Each endpoint needs a scope."""

from __future__ import annotations

from functions.api.dialects import DIALECTS
from functions.api.scopes import SCOPE_OF, scope_of


def test_every_endpoint_of_every_dialect_is_in_the_table() -> None:
    endpoints = [endpoint for dialect in DIALECTS.values() for endpoint in dialect.handlers]
    assert sorted(endpoints) == sorted(SCOPE_OF)


def test_what_changes_something_needs_more_than_read() -> None:
    rules = [rule for dialect in DIALECTS.values() for rule in dialect.routes.iter_rules()]
    assert [
        rule
        for rule in rules
        if rule.methods and "GET" not in rule.methods and scope_of(rule.endpoint) == "read"
    ] == []


def test_what_the_table_forgot_needs_most() -> None:
    assert scope_of("new.endpoint") == "admin"
