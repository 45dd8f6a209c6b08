"""``plantain upload``: a picture into the uploads bucket, its job followed, and where the result is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from local.cli.options import AspectRatio, Format, Output, RegionPrompt, Seed, Size
from local.cli.output import JsonOption, out, print_json
from local.cli.run_request import choose_format, finish_job
from local.client.api_client import PlantainClient


def upload(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The picture.")],
    prompt: Annotated[
        str | None, typer.Option(help="What to change. Without it the recipe of the folder decides.")
    ] = None,
    folder: Annotated[str, typer.Option(help="The folder in the bucket.")] = "",
    task: Annotated[str | None, typer.Option(help="edit (the default), outpaint or upscale.")] = None,
    region_prompt: RegionPrompt = None,
    size: Size = None,
    aspect_ratio: AspectRatio = None,
    seed: Seed = None,
    format: Format = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return as soon as it is uploaded.")] = False,
    output: Output = None,
    json: JsonOption = False,
) -> None:
    """Puts a picture into the uploads bucket: that starts a job. Prints where the result is.

    With PLANTAIN_URL, PLANTAIN_UPLOADS_BUCKET names the deployment's bucket, and Google's default credentials
    write to it.
    """
    from local.client.bucket_upload import upload_environment, upload_file, wait_for_job

    fields = {
        "prompt": prompt,
        "task": task,
        "region_prompt": region_prompt,
        "size": size,
        "aspect_ratio": aspect_ratio,
        "seed": seed,
        "format": format,
    }
    metadata = instruction_metadata(fields, choose_format(format, output))
    name = "/".join(part for part in (folder.strip("/"), file.name) if part)
    with PlantainClient.from_environment() as plantain:
        uploaded = upload_file(file, name, metadata, upload_environment())
        if no_wait:
            said = f"{uploaded.uri} starts {uploaded.job_id}"
            print_json(vars(uploaded)) if json else out.print(said, soft_wrap=True, markup=False)
            return
        wait_for_job(plantain, uploaded)
        finish_job(plantain, uploaded.job_id, output=output, json=json)


def instruction_metadata(fields: dict[str, Any], named: str | None) -> dict[str, str]:
    """Returns the instruction of an upload as the custom metadata of its object.

    ``named`` is the format in the name of the result's file. Alone it is left out: it would count as an
    instruction, and the folder's recipe would be ignored.
    """
    given = {name: str(value) for name, value in fields.items() if value is not None}
    if given and named:
        given["format"] = named
    return {f"plantain-{name.replace('_', '-')}": text for name, text in given.items()}
