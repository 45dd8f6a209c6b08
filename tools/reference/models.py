"""The known models, from the table that the commands and the worker read."""

from __future__ import annotations

from tools.reference.markdown import code_span, markdown_table
from worker.known_models.known_model import KnownModel, known_models
from worker.known_models.machine_needs import machine_text, needed_bytes

_COLUMNS = [
    "name",
    "licence",
    "commercial use",
    "gated",
    "on disk",
    "memory",
    "machine",
    "tasks",
    "steps",
    "10¹² operations",
]


def model_table() -> str:
    return markdown_table(_COLUMNS, [_row(model) for model in known_models().values()])


def _row(model: KnownModel) -> list[str]:
    return [
        code_span(model.name),
        f"[{model.licence}]({_link(model)})",
        model.commercial_use,
        "yes" if model.gated else "no",
        f"{model.gigabytes:g} GB",
        f"{needed_bytes(model, 2) / 1e9:.1f} GB",
        machine_text(model),
        ", ".join(model.tasks),
        str(model.steps),
        _rounded(model.picture_tflops),
    ]


def _rounded(tflops: float) -> str:
    return f"{tflops:,.0f}" if tflops >= 1 else f"{tflops:.1g}"


def _link(model: KnownModel) -> str:
    return model.licence_page.removeprefix("docs/")
