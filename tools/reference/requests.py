"""The request as tables: every field with its type, its range, its default and what it means."""

from __future__ import annotations

import json
from typing import Any, get_args

from functions.contract.region import Region
from functions.contract.request import Correction, ImageInput, JobRequest, Webhook
from functions.contract.tasks import NEED_A_PROMPT, NEED_ONE_IMAGE, TAKES, Task
from tools.reference.markdown import code_span, markdown_table

PARTS = (ImageInput, Region, Correction, Webhook)
_TITLES = {
    "ImageInput": "Image",
    "JobEnded": "The job",
    "BatchEnded": "The batch",
    "ErrorFacts": "The error",
    "BlockFacts": "The block",
}
_KINDS = {"integer": "whole number", "boolean": "true or false", "string": "text"}
_BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "to {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "maxProperties": "at most {}",
}


def request_table() -> str:
    return field_table(JobRequest.model_json_schema())


def part_tables() -> str:
    """Returns a table for each kind of object inside a request."""
    return "\n".join(
        f"**{_part_title(part.__name__)}**\n\n{field_table(part.model_json_schema())}" for part in PARTS
    )


def task_table() -> str:
    """Returns a table of the fields that each task takes, beside those that suit every task."""
    rows = [
        [code_span(task), _needed_fields(task), ", ".join(map(code_span, sorted(TAKES[task])))]
        for task in get_args(Task)
    ]
    return markdown_table(["`task`", "needs", "takes"], rows)


def _needed_fields(task: Task) -> str:
    needs = ["`prompt`"] if task in NEED_A_PROMPT else []
    needs += ["one image"] if task in NEED_ONE_IMAGE else []
    more: dict[Task, str] = {
        "edit": "an image",
        "sequence": "two `prompts` or more",
        "upscale": "`size`, or `width` and `height`",
        "outpaint": "`aspect_ratio`, or `width` and `height`",
    }
    needs += [more[task]] if task in more else []
    return ", ".join(needs) or "–"


def field_table(schema: dict[str, Any]) -> str:
    """Returns a table of a JSON schema's properties, in their order."""
    needed, parts = schema.get("required", ()), schema.get("$defs", {})
    rows = [
        [
            code_span(name),
            _type_text(facts, parts),
            _default_text(name, facts, needed),
            facts.get("description", ""),
        ]
        for name, facts in schema["properties"].items()
    ]
    return markdown_table(["field", "type and range", "default", "what it means"], rows)


def _type_text(facts: dict[str, Any], parts: dict[str, Any]) -> str:
    if "$ref" in facts:
        return _referenced_type(facts["$ref"].rpartition("/")[2], parts)
    if "anyOf" in facts:
        kinds = [_type_text(each, parts) for each in facts["anyOf"] if each.get("type") != "null"]
        return " or ".join(kinds)
    if "enum" in facts:
        return ", ".join(code_span(each) for each in facts["enum"])
    if facts.get("type") == "array":
        return ", ".join([_list_type(facts, parts), *_bounds_text(facts)])
    kind: str = facts.get("type", "any")
    return ", ".join([_KINDS.get(kind, kind), *_bounds_text(facts)])


def _referenced_type(part: str, parts: dict[str, Any]) -> str:
    found = parts.get(part, {})
    return _type_text(found, parts) if "enum" in found else f"object: {_part_title(part).lower()}"


def _list_type(facts: dict[str, Any], parts: dict[str, Any]) -> str:
    if "prefixItems" in facts:
        return (
            f"list of {len(facts['prefixItems'])} numbers, each {_type_text(facts['prefixItems'][0], parts)}"
        )
    return f"list of {_type_text(facts.get('items', {}), parts)}"


def _bounds_text(facts: dict[str, Any]) -> list[str]:
    if "prefixItems" in facts:
        return []
    found = [text.format(facts[name]) for name, text in _BOUNDS.items() if name in facts]
    return [" ".join(found)] if found and "maximum" in facts else found


def _default_text(name: str, facts: dict[str, Any], needed: list[str]) -> str:
    if name in needed:
        return "needed"
    default = facts.get("default")
    return "–" if default in (None, [], {}) else code_span(json.dumps(default))


def _part_title(part: str) -> str:
    return _TITLES.get(part, part)
