"""``python -m local.demo``: the main job on real input. A prompt becomes a picture; that picture, uploaded to
a bucket, starts an edit. Both files are named at the end."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image
from rich.console import Console
from rich.markup import escape

from functions.contract.errors import PlantainError
from local.cli.output import FAILED, INTERRUPTED, OK, job_lines
from local.cli.progress import follow_job
from local.client.api_client import PlantainClient, RequestRefused, ServiceUnreachable
from local.client.bucket_upload import upload_file
from local.client.pictures import write_whole_file
from local.data_folder import DEFAULT
from local.stack.stack_process import StackProcess

PROMPT = "a red boat on the sea at night"
INSTRUCTION = "make the boat blue"
FOLDER = "demo/"

APPEARS_SECONDS, APPEARS_LOOKS = 30, 300  # how long an upload's event may take to become a job

STUDIO_LATER = "\nThe studio, where both pictures are: {api}/ while `make demo KEEP=1` or `plantain up` runs."

out = Console()


class DemoFailed(PlantainError):
    """A job of the demo did not end with a picture."""

    code, title = "demo_failed", "The demo failed"
    remedy = "Read the job's error above it."


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT)
    parser.add_argument("--model", help="another model than the default, such as mock")
    parser.add_argument("--keep", action="store_true", help="leave the stack up until Ctrl-C")
    options = parser.parse_args()
    model = ("--model", options.model) if options.model else ()
    try:
        out.print("Starting the stack …")
        with StackProcess(options.data, *model, quiet=True) as stack:
            run_demo(stack, options.data / "demo")
            if options.keep:
                _keep_running(stack)
            else:
                out.print(STUDIO_LATER.format(api=stack.state["api"]), soft_wrap=True)
    except (PlantainError, RequestRefused, ServiceUnreachable) as error:
        out.print(f"[red]error:[/red] {escape(str(error))}")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return OK


def run_demo(stack: StackProcess, directory: Path) -> None:
    """Saves both pictures in ``directory``. Raises DemoFailed when a job ends without one."""
    with stack.client() as plantain:
        out.print(f"[bold]1.[/bold] A prompt: {PROMPT}")
        job = plantain.create({"task": "generate", "prompt": PROMPT, "size": "512"})
        generated = _save_picture(plantain, job["id"], directory / "generated.png")
        bucket = stack.environment["PLANTAIN_UPLOADS_BUCKET"]
        out.print(f"[bold]2.[/bold] That picture, uploaded to gs://{bucket}/{FOLDER} with: {INSTRUCTION}")
        edited = _save_picture(plantain, upload_picture(stack, generated), directory / "edited.png")
    out.print("\n[green]Done.[/green] From the prompt, and from the upload:")
    for path in (generated, edited):
        out.print(f"  {path}", soft_wrap=True)


def upload_picture(stack: StackProcess, picture: Path) -> str:
    """Puts the file into the uploads bucket as any client would; returns the id of the job that it starts."""
    metadata = {"plantain-prompt": INSTRUCTION}
    return upload_file(picture, FOLDER + picture.name, metadata, stack.environment).job_id


def _save_picture(plantain: PlantainClient, job_id: str, path: Path) -> Path:
    job = _wait_for_end(plantain, job_id)
    out.print(job_lines(job))
    if job["state"] != "succeeded":
        raise DemoFailed(f"{job_id} ended as {job['state']}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole_file(path, plantain.image(job_id, 0))
    with Image.open(path) as picture:
        picture.load()  # it is one
    return path


def _wait_for_end(plantain: PlantainClient, job_id: str) -> dict[str, Any]:
    """Returns the job once it has ended, also a job that an event is about to create."""
    for _ in range(APPEARS_LOOKS):
        try:
            return follow_job(plantain, job_id, quiet=False)
        except RequestRefused as error:
            if error.code != "not_found":
                raise
        time.sleep(APPEARS_SECONDS / APPEARS_LOOKS)
    raise DemoFailed(f"The upload started no job within {APPEARS_SECONDS} s.")


def _keep_running(stack: StackProcess) -> None:
    out.print(f"\nThe studio, where both pictures are: {stack.state['api']}/ until Ctrl-C.", soft_wrap=True)
    with suppress(KeyboardInterrupt):
        stack.process.wait()


if __name__ == "__main__":
    sys.exit(main())
