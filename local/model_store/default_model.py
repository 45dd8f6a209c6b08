"""The model that `plantain up` draws with, chosen once with `plantain models use`."""

from __future__ import annotations

from pathlib import Path

_FILE = "default_model"


def read_default_model(models: Path) -> str | None:
    """Returns the chosen model's name; None where none was chosen. ``models`` is DATA/models."""
    try:
        return (models / _FILE).read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def write_default_model(models: Path, name: str | None) -> None:
    """Keeps the choice; None takes it back."""
    if name is None:
        (models / _FILE).unlink(missing_ok=True)
        return
    models.mkdir(parents=True, exist_ok=True)
    new = models / f".{_FILE}.new"
    new.write_text(f"{name}\n", "utf-8")
    new.replace(models / _FILE)
