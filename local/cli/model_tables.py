"""The facts about models, as JSON, as a table and as lines."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from local.cli.output import borderless_table
from worker.known_models.known_model import KnownModel, known_models
from worker.known_models.machine_needs import machine_text, needed_bytes
from worker.known_models.pulled_models import PulledModels
from worker.settings import model_directory

Facts = dict[str, Any]

_LINES = (
    ("model", "name"),
    ("hub", "source"),
    ("pipeline", "pipeline"),
    ("licence", "licence"),
    ("licence page", "licence_page"),
    ("commercial use", "commercial_use"),
    ("gated", "gated"),
    ("tasks", "tasks"),
    ("on disk", "size"),
    ("memory", "memory"),
    ("machine", "machine"),
    ("steps", "steps"),
    ("note", "note"),
    ("state", "state"),
    ("commit", "commit"),
    ("folder", "directory"),
)


def facts_of(name: str, store: PulledModels, default: str | None) -> Facts:
    """Returns what the table and the lock file say of a model; ``default`` is the one that is chosen."""
    known, pulled = known_models().get(name), store.find(name)
    facts: Facts = {"name": name, **(_known_facts(known) if known else {})}
    if pulled is not None:
        facts |= {
            "source": pulled.lock.repository,
            "pipeline": pulled.lock.pipeline,
            "bytes": pulled.lock.size,
            "commit": pulled.lock.commit,
            "directory": str(pulled.directory),
        }
    elif known is not None and known.is_embedded:
        facts["directory"] = str(model_directory(known.source))
    return facts | {"on_this_machine": "directory" in facts, "default": name == default}


def _known_facts(known: KnownModel) -> Facts:
    return known.model_dump() | {
        "tasks": list(known.tasks),
        "memory_gigabytes": round(needed_bytes(known, 2) / 1e9, 1),
        "machine": machine_text(known),
    }


def model_table(facts: list[Facts]) -> Table:
    """Returns a row for each model."""
    rows = borderless_table("model", "licence", "on disk", "memory", "tasks", "machine", "state")
    for each in facts:
        told = _texts(each)
        cells = (told.get(column, "") for column in ("name", "licence", "size", "memory", "tasks"))
        rows.add_row(*(escape(cell) for cell in cells), told.get("machine", ""), told["state"])
    return rows


def model_lines(facts: Facts) -> Table:
    """Returns a model as a table of two columns."""
    rows = Table(box=None, show_header=False, pad_edge=False)
    told = _texts(facts)
    for label, key in _LINES:
        if told.get(key):
            rows.add_row(label, escape(told[key]))
    return rows


def _texts(facts: Facts) -> dict[str, str]:
    """Returns the facts as people read them."""
    size = facts["bytes"] / 1e9 if "bytes" in facts else facts.get("gigabytes")
    texts = {
        "size": "" if size is None else f"{size:.2g} GB" if size < 1 else f"{size:.1f} GB",
        "memory": f"{facts['memory_gigabytes']:.1f} GB" if "memory_gigabytes" in facts else "",
        "tasks": ", ".join(facts.get("tasks", ())),
        "gated": "yes: accept the licence on its page, and set HF_TOKEN" if facts.get("gated") else "no",
        "state": _state_of(facts),
    }
    return {key: str(value) for key, value in facts.items() if key not in texts} | texts


def _state_of(facts: Facts) -> str:
    if not facts["on_this_machine"]:
        return ""
    return "here, the default" if facts["default"] else "here"
