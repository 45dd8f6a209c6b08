"""The command line's entry point: which commands there are, and what their errors look like."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from functions.contract.errors import InvalidRequest, PlantainError
from functions.contract.release import RELEASE
from functions.contract.settings import SettingsError
from local.cli import (
    batch,
    clips,
    doctor,
    emulators,
    jobs,
    keys,
    mcp,
    models,
    pictures,
    tasks,
    trace,
    up,
    upload,
    verify,
    webhook_secret,
)
from local.cli.output import FAILED, INTERRUPTED, INVALID, UNREACHABLE, out, report_error
from local.client.api_client import RequestRefused, ServiceUnreachable

HELP = """Self-hosted image generation and editing.

`plantain up` runs the whole of it on this machine; the other commands use that, or the deployment that
PLANTAIN_URL names (with PLANTAIN_API_KEY, or PLANTAIN_TOKEN from `gcloud auth print-identity-token`).

Exit status: 0 done, 1 the job or the stack failed, 2 the request was not valid, 3 the service is not reached,
130 interrupted with Ctrl-C.
"""

app = typer.Typer(
    name="plantain", help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
)


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"plantain {RELEASE}", highlight=False)
        raise typer.Exit


@app.callback()
def show_options(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


app.command()(up.up)
app.command()(upload.upload)
app.command()(emulators.emulators)
app.command()(pictures.generate)
app.command()(pictures.edit)
app.command()(pictures.upscale)
app.command()(tasks.outpaint)
app.command()(tasks.sequence)
app.command()(clips.animate)
app.command()(tasks.suggest)
app.command()(tasks.send)
app.command()(batch.batch)
app.command()(jobs.status)
app.command(name="jobs")(jobs.list_jobs)
app.command()(jobs.watch)
app.command()(jobs.download)
app.command()(trace.trace)
app.command()(jobs.cancel)
app.command()(jobs.delete)
app.command()(verify.verify)
app.command()(webhook_secret.webhook_secret)
app.add_typer(keys.app)
app.add_typer(models.app)
app.command()(mcp.mcp)
app.command()(doctor.doctor)


def main() -> NoReturn:
    """Runs a command. What went wrong is one line on stderr and the exit status, never a trace."""
    try:
        app()
    except RequestRefused as error:
        sys.exit(report_error(str(error), INVALID, error.problem))
    except ServiceUnreachable as error:
        sys.exit(report_error(str(error), UNREACHABLE, {"code": "unreachable"}))
    except InvalidRequest as error:
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
