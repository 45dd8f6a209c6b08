"""The command line's entry point: which commands there are, and what their errors look like."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from functions.contract.errors import InvalidRequest, NotFound, PlantainError
from functions.contract.paused_collection import paused_collection
from functions.contract.release import RELEASE
from functions.contract.settings import SettingsError
from local.cli.output import FAILED, INTERRUPTED, INVALID, UNREACHABLE, out, report_error
from local.client.api_client import RequestRefused, ServiceUnreachable

HELP = """Self-hosted image generation and editing.

`plantain up` runs the whole of it on this machine; the other commands use that, or the deployment that
PLANTAIN_URL names (with PLANTAIN_API_KEY, or PLANTAIN_TOKEN from `gcloud auth print-identity-token`).

Exit status: 0 done, 1 the job or the stack failed, 2 the request was not valid, 3 the service is not reached,
130 interrupted with Ctrl-C.
"""

COMMANDS = {
    "up": "up:up",
    "upload": "upload:upload",
    "emulators": "emulators:emulators",
    "generate": "pictures:generate",
    "edit": "pictures:edit",
    "upscale": "pictures:upscale",
    "outpaint": "tasks:outpaint",
    "sequence": "tasks:sequence",
    "animate": "clips:animate",
    "suggest": "tasks:suggest",
    "send": "tasks:send",
    "batch": "batch:batch",
    "status": "jobs:status",
    "jobs": "jobs:list_jobs",
    "watch": "jobs:watch",
    "download": "jobs:download",
    "trace": "trace:trace",
    "cancel": "jobs:cancel",
    "delete": "jobs:delete",
    "verify": "verify:verify",
    "webhook-secret": "webhook_secret:webhook_secret",
    "keys": "keys:app",
    "models": "models:app",
    "mcp": "mcp:mcp",
    "doctor": "doctor:doctor",
}
"""Where each command is: its module beside this one, and the function or the group of commands there."""


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"plantain {RELEASE}", highlight=False)
        raise typer.Exit


def show_options(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def build_app(*names: str) -> typer.Typer:
    """Returns the command line with the commands ``names``; without a name, with all of them.

    Only their modules are imported: together they take twice as long as any of them.
    """
    app = typer.Typer(
        name="plantain",
        help=HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(show_options)
    for name in names or COMMANDS:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(f"local.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command)
        else:
            app.command(name=name)(command)
    return app


def _named_command(arguments: Sequence[str]) -> tuple[str, ...]:
    """Returns the command that the arguments begin with; nothing where they name none, as for help."""
    return tuple(name for name in arguments[:1] if name in COMMANDS)


def main() -> NoReturn:
    """Runs a command. What went wrong is one line on stderr and the exit status, never a trace."""
    try:
        with paused_collection():
            app = build_app(*_named_command(sys.argv[1:]))
        app()
    except RequestRefused as error:
        sys.exit(report_error(str(error), INVALID, error.problem))
    except ServiceUnreachable as error:
        sys.exit(report_error(str(error), UNREACHABLE, {"code": "unreachable"}))
    except (InvalidRequest, NotFound) as error:
        sys.exit(report_error(error.message, INVALID, {"code": error.code}))
    except PlantainError as error:
        sys.exit(report_error(error.message, FAILED, {"code": error.code}))
    except SettingsError as error:
        sys.exit(report_error(str(error), INVALID, {"code": "settings"}))
    except OSError as error:
        sys.exit(report_error(f"{error.filename or 'A file'}: {error.strerror}", INVALID, {"code": "file"}))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(0)
