"""The addresses of an endpoint: as OpenAPI writes them, and which of several is shown."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.routing import Rule

from ..dialects import Dialect
from ..routes import find_dialect

_VARIABLE = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\((?P<options>[^)]*)\))?:)?(?P<name>[a-z_]+)>")
_MAX = re.compile(r"max=([0-9]+)")
_AUTOMATIC = frozenset({"HEAD", "OPTIONS"})  # which the routes add by themselves


@dataclass(frozen=True)
class Address:
    """One address of an endpoint."""

    path: str  # /v1/jobs/{job_id}
    parameters: list[dict[str, Any]]


def read_address(rule: Rule, meanings: Mapping[str, Mapping[str, object]]) -> Address:
    """Returns the address of ``rule``. ``meanings``: the schemas of its variable parts, by name."""
    parameters = [_parameter(found, meanings) for found in _VARIABLE.finditer(rule.rule)]
    return Address(_VARIABLE.sub(r"{\g<name>}", rule.rule), parameters)


def rules_by_method(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Returns the rules of each method, by its name in small letters."""
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for method in (rule.methods or set()) - _AUTOMATIC:
            found[method.lower()].append(rule)
    return found


def _parameter(found: re.Match[str], meanings: Mapping[str, Mapping[str, object]]) -> dict[str, Any]:
    schema = {**_schema_of(found), **meanings.get(found["name"], {})}
    text = {name: schema.pop(name) for name in ("description", "example") if name in schema}
    return {"name": found["name"], "in": "path", "required": True, **text, "schema": schema}


def _schema_of(found: re.Match[str]) -> dict[str, object]:
    if found["kind"] == "int":
        limit = _MAX.search(found["options"] or "")
        return {"type": "integer", "minimum": 0, **({"maximum": int(limit[1])} if limit else {})}
    letters = r"[^/:\x00-\x1f]" if found["kind"] == "plain" else r"[^/\x00-\x1f]"
    return {
        "type": "string",
        "pattern": rf"^{letters}+$(?!\n)",
    }  # in Python "$" alone lets a line break follow


def shown_rule(rules: Sequence[Rule], dialect: Dialect, prefixes: Sequence[str]) -> Rule:
    """Returns which of an endpoint's rules is shown: one that reaches ``dialect`` without a client's headers,
    under the first of ``prefixes`` that has any.
    """
    reached = [rule for rule in rules if find_dialect(_sample(rule), Headers()) is dialect]
    for prefix in prefixes:
        for rule in reached:
            if rule.rule.startswith(prefix):
                return rule
    return reached[0]


def _sample(rule: Rule) -> str:
    return _VARIABLE.sub("1", rule.rule)
