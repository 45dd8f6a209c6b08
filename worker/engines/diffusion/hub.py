"""Models from the Hugging Face hub, pinned to a commit."""

from __future__ import annotations

import json
import re
from pathlib import Path

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion.room import check_room
from worker.known_models.hub_failures import hub_failures
from worker.known_models.pipeline_files import other_copies, pipeline_patterns

INDEX = "model_index.json"
_ID = re.compile(r"[\w.-]+/[\w.-]+(@\w+)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def is_hub_id(source: str) -> bool:
    """Returns True for ``owner/name`` and ``owner/name@revision``."""
    return _ID.fullmatch(source) is not None


def download_snapshot(source: str, cache: Path) -> tuple[Path, str]:
    """Returns the snapshot's directory, and its commit. A snapshot in the cache needs no network.

    Raises ModelUnavailable, also for an id without a commit, because branches change.
    """
    repository, _, commit = source.partition("@")
    if not _COMMIT.fullmatch(commit):
        raise ModelUnavailable(
            f"There is no model directory at {source}. If it is a hub id, pin it to a commit of 40 "
            f"hexadecimal digits: {repository}@<commit>."
        )
    check_room(source, None, cache)  # the hub says sizes only when asked for each file
    with hub_failures(repository, commit):
        return _fetch_snapshot(repository, commit, cache), commit


def _fetch_snapshot(repository: str, commit: str, cache: Path) -> Path:
    """Fetches the index first: it names the folders that the pipeline is loaded from."""
    from huggingface_hub import hf_hub_download, snapshot_download

    index = json.loads(
        Path(hf_hub_download(repository, INDEX, revision=commit, cache_dir=cache)).read_bytes()
    )
    patterns = pipeline_patterns(index if isinstance(index, dict) else {})
    return Path(
        snapshot_download(
            repository,
            revision=commit,
            cache_dir=cache,
            allow_patterns=patterns,
            ignore_patterns=other_copies(),
        )
    )
