"""What the hub says about a repository at a revision: its commit, and its files with sizes and hashes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.contract.errors import ModelUnavailable
from worker.known_models.hub_failures import hub_failures
from worker.known_models.pipeline_files import select_pipeline_files
from worker.known_models.pulled_models import LockedFile

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling

INDEX = "model_index.json"
_MAX_INDEX = 1 << 20  # bytes; real ones have less than a kilobyte


@dataclass(frozen=True)
class HubRepository:
    """A repository at one commit."""

    repository: str
    commit: str
    files: dict[str, LockedFile]


def read_repository(repository: str, revision: str) -> HubRepository:
    """Returns the repository at the commit that ``revision`` (a branch, a tag or a commit) now means.

    Raises ModelUnavailable for what the hub does not have, and for a hub that cannot be reached.
    """
    from huggingface_hub import HfApi

    with hub_failures(repository, revision):
        info = HfApi().model_info(repository, revision=revision, files_metadata=True)
    if info.sha is None:
        raise ModelUnavailable(f"The hub names no commit for {repository} at {revision}; try again.")
    files = {each.rfilename: _locked_file(repository, each) for each in info.siblings or ()}
    return HubRepository(repository, info.sha, files)


def _locked_file(repository: str, file: RepoSibling) -> LockedFile:
    if file.size is None:
        raise ModelUnavailable(f"The hub does not say how large {file.rfilename} of {repository} is.")
    if file.lfs is not None:
        return LockedFile(size=file.size, sha256=file.lfs.sha256)
    return LockedFile(size=file.size, git_sha1=file.blob_id)


def read_pipeline(found: HubRepository) -> tuple[str, dict[str, LockedFile]]:
    """Returns the class of the repository's pipeline, and the files that it is loaded from.

    Raises ModelUnavailable for a repository without a pipeline, and for a gated one without access.
    """
    index = _read_index(found)
    paths = select_pipeline_files(index, found.files)
    return str(index.get("_class_name")), {path: found.files[path] for path in paths}


def _read_index(found: HubRepository) -> dict[str, object]:
    """Reads the index from the hub into memory: nothing is written before room is known."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    if INDEX not in found.files or found.files[INDEX].size > _MAX_INDEX:
        raise ModelUnavailable(
            f"{found.repository} is not a diffusers pipeline: it has no {INDEX}. Look for a repository whose "
            "page says Diffusers."
        )
    with hub_failures(found.repository, found.commit):
        url = hf_hub_url(found.repository, INDEX, revision=found.commit)
        answer = get_session().get(url, headers=build_hf_headers(), follow_redirects=True)
        hf_raise_for_status(answer)
    try:
        index = json.loads(answer.content)
    except ValueError:
        index = None
    if not isinstance(index, dict):
        raise ModelUnavailable(f"The {INDEX} of {found.repository} is not a JSON object.")
    return index
