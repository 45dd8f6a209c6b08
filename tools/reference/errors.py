"""Every error of the tree, as tables."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import functions
from functions.contract.errors import PlantainError
from tools.reference.markdown import code_span, markdown_table

_LAPTOP = (
    "http_servers.errors",
    "data_folder",
    "stack.subprocess_supervisor",
    "stack.stack_process",
    "stack.stack_servers",
)


def service_errors() -> str:
    """Returns the table of the errors of the API, of jobs and of deliveries, by HTTP status and code."""
    for module in pkgutil.walk_packages(functions.__path__, "functions."):
        importlib.import_module(module.name)
    found = sorted(_errors_of("functions"), key=lambda error: (error.status, error.code))
    rows = [
        [
            code_span(error.code),
            str(error.status),
            _yes_or_no(error.retryable),
            _error_meaning(error),
            error.remedy,
        ]
        for error in found
    ]
    return markdown_table(["code", "HTTP", "retryable", "what it means", "what to do"], rows)


def laptop_errors() -> str:
    """Returns the table of the errors that keep `plantain up` from starting."""
    for name in _LAPTOP:
        importlib.import_module(f"local.{name}")
    found = sorted(_errors_of("local"), key=lambda error: error.code)
    rows = [
        [code_span(error.code), _error_meaning(error), error.remedy]
        for error in found
        if _is_of_the_stack(error)
    ]
    return markdown_table(["code", "what it means", "what to do"], rows)


def _errors_of(package: str) -> list[type[PlantainError]]:
    tree = PlantainError.tree().values()
    return [error for error in tree if error.__module__.partition(".")[0] == package]


def _is_of_the_stack(error: type[PlantainError]) -> bool:
    return error.__module__.removeprefix("local.") in _LAPTOP


def _error_meaning(error: type[PlantainError]) -> str:
    said = inspect.getdoc(error) if error is not PlantainError else None
    return (said or f"{error.title}.").partition("\n\n")[0].replace("``", "`")


def _yes_or_no(fact: bool) -> str:
    return "yes" if fact else "no"
