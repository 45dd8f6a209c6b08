"""Fetches a model's files from a directory, a ``gs://`` prefix or a pinned hub id."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from functions.contract.errors import ModelUnavailable
from worker.cold_start.model_download import ModelDownload
from worker.engines.diffusion import bucket, hub
from worker.engines.diffusion.card import FILE as CARD
from worker.engines.diffusion.card import ModelCard
from worker.known_models.known_model import known_models
from worker.known_models.pulled_models import PulledModels, read_lock
from worker.settings import model_directory

_EDGE_BYTES = 1 << 20  # of each end of a weights file, for a directory's revision


@dataclass(frozen=True)
class Checkpoint:
    """A model's directory on this machine, with its source, revision and card.

    ``download`` is None once every file is there.
    """

    source: str
    directory: Path
    revision: str
    pipeline_class: str
    card: ModelCard
    download: ModelDownload | None = None

    @property
    def model(self) -> str:
        """The card's name, or else the last part of the source."""
        return self.card.name or self.source.split("@")[0].rstrip("/").rsplit("/", 1)[-1]


def fetch_checkpoint(source: str, cache: Path) -> Checkpoint:
    """Returns the model, after downloading it unless it is here already.

    ``source`` is a directory, ``gs://bucket/prefix``, a name of `plantain models` or ``owner/name`` on the
    hub, the last two with ``@commit``; a name alone is what was pulled. Pulled models and downloads are
    below ``cache``. ``worker/embedded_model`` is Plantain's own model, in any working directory.

    Raises:
        ModelUnavailable: there is no such model, or it cannot be downloaded.
    """
    checkpoint = find_checkpoint(source, cache)
    if checkpoint.download:
        checkpoint.download.wait()
    return replace(checkpoint, download=None)


def find_checkpoint(source: str, cache: Path) -> Checkpoint:
    """Returns the same, and does not wait for the weights of a ``gs://`` model. Raises ModelUnavailable."""
    if source.startswith("gs://"):
        download, revision = bucket.download_prefix(source, cache / "gs")
        download.wait(hub.INDEX, CARD)
        return replace(_read_checkpoint(source, download.directory, revision), download=download)
    if model_directory(source).is_dir():
        directory, commit = model_directory(source), _locked_commit(model_directory(source))
    else:
        directory, commit = _find_hub_model(source, cache)
    return _read_checkpoint(source, directory, commit)


def _locked_commit(directory: Path) -> str | None:
    """Returns the commit of a directory that was pulled, wherever it lies now."""
    lock = read_lock(directory)
    return lock.commit if lock else None


def _find_hub_model(source: str, cache: Path) -> tuple[Path, str]:
    """Returns a model's directory and commit: pulled before, or downloaded now."""
    name, _, commit = source.partition("@")
    known, store = known_models().get(name), PulledModels(cache)
    repository = known.source if known else name
    pulled = store.find_commit(repository, commit) if commit else store.find(name)
    if pulled is not None:
        return pulled.directory, pulled.lock.commit
    if known is not None and not commit:
        raise ModelUnavailable(
            f"{name} is not on this machine: `plantain models pull {name}`, or pin it to a commit of 40 "
            f"hexadecimal digits, {name}@<commit>, and it is downloaded when it is first used."
        )
    wanted = f"{repository}@{commit}" if commit else repository
    if hub.is_hub_id(wanted):
        return hub.download_snapshot(wanted, cache / "hub")
    raise ModelUnavailable(
        f"There is no model directory at {source}. Name a directory that holds a model_index.json, a "
        "gs:// prefix, a name of `plantain models list`, or a hub id with its commit (owner/name@commit)."
    )


def _read_checkpoint(source: str, directory: Path, revision: str | None) -> Checkpoint:
    index = _read_model_index(source, directory)
    card = ModelCard.read(directory)
    return Checkpoint(
        source=source,
        directory=directory,
        revision=card.revision or revision or _fingerprint(directory),
        pipeline_class=str(index.get("_class_name")),
        card=card,
    )


def _read_model_index(source: str, directory: Path) -> dict[str, Any]:
    try:
        index = json.loads((directory / "model_index.json").read_bytes())
    except FileNotFoundError:
        raise ModelUnavailable(
            f"{source} is not a diffusers pipeline: it has no model_index.json. Save the model with "
            "save_pretrained and name that directory."
        ) from None
    except (OSError, ValueError):
        raise ModelUnavailable(
            f"The model_index.json of {source} cannot be read; fetch the model again."
        ) from None
    if not isinstance(index, dict):
        raise ModelUnavailable(
            f"The model_index.json of {source} is not a JSON object; fetch the model again."
        )
    return index


def _fingerprint(directory: Path) -> str:
    """Returns a hash of the files' names, sizes and both ends, which needs no reading of gigabytes."""
    known = hashlib.sha256()
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        size = path.stat().st_size
        known.update(f"{path.relative_to(directory).as_posix()}\n{size}\n".encode())
        with path.open("rb") as file:
            known.update(file.read(_EDGE_BYTES))
            file.seek(max(0, size - _EDGE_BYTES))
            known.update(file.read(_EDGE_BYTES))
    return known.hexdigest()[:16]
