"""A pull on a terminal: what comes, under which licence, and how far it is."""

from __future__ import annotations

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from local.cli.output import err
from local.model_store.file_download import OnBytes
from local.model_store.model_request import ModelRequest
from local.model_store.pull import pull_model
from worker.known_models.known_model import known_models
from worker.known_models.pulled_models import ModelLock, PulledModel, PulledModels


def pull_with_progress(wanted: ModelRequest, store: PulledModels, *, quiet: bool) -> PulledModel:
    """Pulls the model, with its progress on stderr unless ``quiet``. Raises what ``pull_model`` raises."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=quiet) as progress:

        def start(lock: ModelLock, here: int) -> OnBytes:
            if not quiet:
                err.print(_announcement(lock, here), highlight=False, markup=False, soft_wrap=True)
            bar = progress.add_task(lock.name, total=lock.size, completed=here)
            return lambda number: progress.advance(bar, number)

        return pull_model(wanted, store, start)


def _announcement(lock: ModelLock, here: int) -> str:
    known = known_models().get(lock.name)
    licence = f", {known.licence}" if known else f"; its licence: https://huggingface.co/{lock.repository}"
    going_on = f", {here / 1e9:.1f} GB of it are here" if here else ""
    return f"Pulling {lock.repository}@{lock.commit[:12]}: {lock.size / 1e9:.1f} GB{going_on}{licence}"
