"""The models that were pulled onto this machine, each in a folder with a lock file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from worker.known_models.known_model import is_model_name

LOCK_FILE = "plantain.lock.json"


class LockedFile(BaseModel):
    """A file as the hub described it: its bytes, and its SHA-256 or, for small files, git's SHA-1."""

    model_config = ConfigDict(frozen=True)

    size: int = Field(ge=0)
    sha256: str | None = None
    git_sha1: str | None = None


class ModelLock(BaseModel):
    """``plantain.lock.json``: which commit of which repository a folder holds."""

    model_config = ConfigDict(frozen=True)

    name: str
    repository: str
    revision: str  # what was asked for: a branch, a tag or a commit
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    pipeline: str
    pulled: str  # RFC 3339
    files: dict[str, LockedFile]

    @property
    def size(self) -> int:
        """Returns the bytes of all files."""
        return sum(file.size for file in self.files.values())


@dataclass(frozen=True)
class PulledModel:
    """A whole model on this machine, each of its files checked."""

    directory: Path
    lock: ModelLock


class PulledModels:
    """The pulled models below the folder that keeps models, ``DATA/models``."""

    def __init__(self, models: Path) -> None:
        self.root = models.absolute() / "pulled"

    def directory(self, name: str) -> Path:
        return self.root / name

    def all(self) -> list[PulledModel]:
        """Returns every pulled model, by name."""
        found = (self.find(path.name) for path in sorted(self.root.glob("*")))
        return [model for model in found if model is not None]

    def find(self, name: str) -> PulledModel | None:
        """Returns the model that was pulled under ``name``; None without one."""
        directory = self.directory(name)
        lock = read_lock(directory)
        return PulledModel(directory, lock) if lock and lock.name == name else None

    def folders(self, name: str) -> list[Path]:
        """Returns every folder of a name: the whole model's, and those of pulls that were broken off."""
        if not is_model_name(name):
            return []
        unfinished = self.root.glob(f"{unfinished_name(name, '*')}")
        return [path for path in (self.directory(name), *sorted(unfinished)) if path.is_dir()]

    def unfinished(self, name: str, commit: str) -> Path:
        """Returns where the files of a pull lie until all of them are there."""
        return self.root / unfinished_name(name, commit)

    def find_commit(self, repository: str, commit: str) -> PulledModel | None:
        """Returns the model that holds this commit; None without one."""
        wanted = (repository, commit)
        return next(
            (model for model in self.all() if (model.lock.repository, model.lock.commit) == wanted), None
        )


def unfinished_name(name: str, commit: str) -> str:
    return f".pulling+{name}+{commit}"


def read_lock(directory: Path) -> ModelLock | None:
    """Returns the folder's lock file; None without one, and for one that is not valid."""
    try:
        return ModelLock.model_validate_json((directory / LOCK_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
