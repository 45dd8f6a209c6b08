"""``plantain models``: lists, pulls, chooses, shows and removes models."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from functions.contract.errors import InvalidRequest, NotFound
from local.cli.model_tables import facts_of, model_lines, model_table
from local.cli.output import JsonOption, err, out, print_json
from local.cli.pull_progress import pull_with_progress
from local.cli.vocabulary import vocabulary_lines, vocabulary_of
from local.data_folder import DEFAULT, DataDirectory
from local.model_store.default_model import read_default_model, write_default_model
from local.model_store.model_request import read_model_request
from worker.known_models.known_model import known_models
from worker.known_models.pulled_models import PulledModels

HELP = """Lists, pulls, chooses, shows and removes models.

They are kept in the data folder, below models. HF_TOKEN is for models that ask for a licence to be accepted.
"""
app = typer.Typer(name="models", help=HELP, no_args_is_help=True)

DataOption = Annotated[
    Path, typer.Option("--data", envvar="PLANTAIN_DATA", help="The folder that keeps everything.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A name, as `plantain models list` shows it.")]
_BUILT_IN = ("starter", "mock")


@app.command("list")
def list_models(data: DataOption = DEFAULT, json: JsonOption = False) -> None:
    """Lists the models that are known to work, and those on this machine."""
    directory = DataDirectory(data)
    store, default = PulledModels(directory.models), read_default_model(directory.models) or "starter"
    names = [*known_models(), *(each.lock.name for each in store.all())]
    facts = [facts_of(name, store, default) for name in dict.fromkeys(names)]
    if json:
        print_json({"models": facts})
    else:
        out.print(model_table(facts))


@app.command("pull")
def pull(
    model: Annotated[
        str, typer.Argument(metavar="ID[@REVISION]", help="A known name, or OWNER/NAME of the hub.")
    ],
    name: Annotated[str | None, typer.Option(help="What it is called on this machine.")] = None,
    data: DataOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Downloads a model from the Hugging Face hub. A pull that was broken off goes on where it was.

    REVISION is a commit, a tag or a branch (main). Its commit is kept in plantain.lock.json beside the files.
    """
    store = PulledModels(DataDirectory(data).models)
    pulled = pull_with_progress(read_model_request(model, name), store, quiet=json)
    if json:
        print_json(facts_of(pulled.lock.name, store, None))
        return
    out.print(f"{pulled.lock.repository}@{pulled.lock.commit}", highlight=False, soft_wrap=True)
    err.print(
        f"It is in {pulled.directory}. Draw with it: `plantain up --model {pulled.lock.name}`.",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


@app.command("use")
def use(name: Name, data: DataOption = DEFAULT) -> None:
    """Makes a model the one that `plantain up` draws with when no other is named."""
    directory = DataDirectory(data)
    if name not in _BUILT_IN and PulledModels(directory.models).find(name) is None:
        raise NotFound(f"{name} is not on this machine: `plantain models pull {name}` brings it here.")
    write_default_model(directory.models, None if name == "starter" else name)
    err.print(f"`plantain up` now draws with {name}.", highlight=False, markup=False)


@app.command("show")
def show(name: Name, data: DataOption = DEFAULT, json: JsonOption = False) -> None:
    """Shows a model: its licence, what it takes, what it can draw, and its files on this machine."""
    directory = DataDirectory(data)
    store, default = PulledModels(directory.models), read_default_model(directory.models) or "starter"
    if name not in known_models() and store.find(name) is None:
        raise NotFound(f"There is no model {name}: `plantain models list` shows all of them.")
    facts, vocabulary = facts_of(name, store, default), vocabulary_of(name)
    if json:
        print_json(facts | ({"vocabulary": vocabulary} if vocabulary else {}))
        return
    out.print(model_lines(facts), soft_wrap=True)
    if vocabulary:
        out.print(vocabulary_lines(vocabulary), soft_wrap=True)


@app.command("rm")
def remove(name: Name, data: DataOption = DEFAULT) -> None:
    """Removes a model's files from this machine, those of a pull that was broken off as well."""
    directory = DataDirectory(data)
    if directory.read_state() is not None:
        raise InvalidRequest(f"A stack runs on {directory.path} and may read the model: stop it first.")
    store = PulledModels(directory.models)
    folders = store.folders(name)
    if not folders:
        raise NotFound(f"{name} is not on this machine: `plantain models list` shows what is.")
    for folder in folders:
        shutil.rmtree(folder)
    if read_default_model(directory.models) == name:
        write_default_model(directory.models, None)
        err.print("`plantain up` draws with starter again.", highlight=False)
    err.print(f"Removed {name}.", highlight=False, markup=False)
