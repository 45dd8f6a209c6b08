"""Models from the Hugging Face hub, pinned to a commit."""

from __future__ import annotations

import re
from pathlib import Path

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion.room import check_room

_ID = re.compile(r"[\w.-]+/[\w.-]+(@\w+)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")

# A pipeline's folders as save_pretrained writes them: neither the original single-file weights that many
# repositories keep at their root, nor pickles, nor other frameworks' and precisions' copies.
_WANTED = ["model_index.json", "plantain.json"] + [
    f"*/*.{ending}" for ending in ("json", "txt", "model", "jinja", "safetensors")
]
_UNWANTED = ["*.fp16.*", "*.bf16.*", "*.non_ema.*", "*onnx*", "*openvino*", "*flax*"]


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
    return Path(_fetch_snapshot(repository, commit, cache)), commit


def _fetch_snapshot(repository: str, commit: str, cache: Path) -> str:
    from huggingface_hub import errors, snapshot_download

    # httpx's or httpx2's, whichever this version of the hub's client is built on
    transport = errors.HTTPError  # pyright: ignore[reportPrivateImportUsage]

    try:
        return snapshot_download(
            repository, revision=commit, cache_dir=cache, allow_patterns=_WANTED, ignore_patterns=_UNWANTED
        )
    except errors.GatedRepoError:
        raise ModelUnavailable(
            f"{repository} is gated: accept its licence on the hub, and set HF_TOKEN to a token that may "
            "read it."
        ) from None
    except errors.RepositoryNotFoundError:
        raise ModelUnavailable(
            f"The hub has no model {repository}, or it is private: check the id, or set HF_TOKEN."
        ) from None
    except errors.RevisionNotFoundError:
        raise ModelUnavailable(
            f"{repository} has no commit {commit} on the hub; check the revision."
        ) from None
    except (OSError, transport) as error:
        raise ModelUnavailable(
            f"{repository} is not in the cache and cannot be fetched from the hub ({type(error).__name__}). "
            "Check the network, or name a directory or a gs:// prefix that holds the model."
        ) from None
