"""``plantain generate``, ``edit``, ``upscale``: from words and files to a job, and from the job to files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..client import Plantain
from ..pictures import FORMATS, image_input, save
from .output import JsonOption, job_lines, out, print_json
from .progress import exit_status, follow

Size = Annotated[str | None, typer.Option(help="512, 1K, 2K or 4K.")]
AspectRatio = Annotated[str | None, typer.Option(help="1:1, 16:9, 3:4 …")]
Count = Annotated[int | None, typer.Option(help="How many pictures, 1 to 8.")]
Seed = Annotated[int | None, typer.Option(help="The same seed gives the same picture.")]
Format = Annotated[str | None, typer.Option(help="png, jpeg, webp or avif; by default what -o ends in.")]
BitDepth = Annotated[int | None, typer.Option(help="8 or 16 (png only).")]
NegativePrompt = Annotated[str | None, typer.Option(help="What the picture should not show.")]
Steps = Annotated[int | None, typer.Option(help="Denoising steps.")]
Guidance = Annotated[float | None, typer.Option(help="How closely to follow the prompt.")]
VisibleMark = Annotated[bool, typer.Option("--visible-mark", help="Put a small mark into a corner.")]
RegionPrompt = Annotated[str | None, typer.Option(help="Where, by its name: 'the boat'.")]
RegionBox = Annotated[
    str | None, typer.Option("--region", metavar="X0,Y0,X1,Y1", help="Where, in fractions of 1.")
]
Model = Annotated[str | None, typer.Option(help="One of the configured models.")]
Image = Annotated[
    list[str] | None, typer.Option("--image", help="A reference picture: a file or gs://…; may be repeated.")
]
Label = Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="May be repeated.")]
WebhookOption = Annotated[str | None, typer.Option(help="An address to tell when the job has ended.")]
Deadline = Annotated[int | None, typer.Option(help="Seconds after which the job is given up.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Return as soon as the job is accepted.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Save the pictures as this file, or into this directory."),
]


def generate(
    prompt: Annotated[str, typer.Argument(help="What the picture shows.")],
    size: Size = None,
    aspect_ratio: AspectRatio = None,
    count: Count = None,
    seed: Seed = None,
    format: Format = None,
    bit_depth: BitDepth = None,
    negative_prompt: NegativePrompt = None,
    steps: Steps = None,
    guidance: Guidance = None,
    model: Model = None,
    image: Image = None,
    label: Label = None,
    webhook: WebhookOption = None,
    deadline: Deadline = None,
    visible_mark: VisibleMark = False,
    no_wait: NoWait = False,
    output: Output = None,
    json: JsonOption = False,
) -> None:
    """A picture from a prompt."""
    with Plantain.from_environment() as plantain:
        request = request_of(
            "generate",
            prompt=prompt,
            size=size,
            aspect_ratio=aspect_ratio,
            count=count,
            seed=seed,
            format=format,
            output=output,
            bit_depth=bit_depth,
            negative_prompt=negative_prompt,
            steps=steps,
            guidance=guidance,
            model=model,
            images=[image_input(plantain, source) for source in image or ()],
            label=label,
            webhook=webhook,
            deadline=deadline,
            visible_mark=visible_mark,
        )
        run(plantain, request, wait=not no_wait, output=output, json=json)


def edit(
    image: Annotated[str, typer.Argument(help="The picture to change: a file or gs://…")],
    prompt: Annotated[str, typer.Argument(help="What to change.")],
    mask: Annotated[
        str | None, typer.Option(help="A picture that is white where changes are allowed.")
    ] = None,
    region: RegionBox = None,
    region_prompt: RegionPrompt = None,
    strength: Annotated[float | None, typer.Option(help="How much may change, up to 1.")] = None,
    reference: Image = None,
    size: Size = None,
    aspect_ratio: AspectRatio = None,
    count: Count = None,
    seed: Seed = None,
    format: Format = None,
    bit_depth: BitDepth = None,
    negative_prompt: NegativePrompt = None,
    steps: Steps = None,
    guidance: Guidance = None,
    model: Model = None,
    label: Label = None,
    webhook: WebhookOption = None,
    deadline: Deadline = None,
    visible_mark: VisibleMark = False,
    no_wait: NoWait = False,
    output: Output = None,
    json: JsonOption = False,
) -> None:
    """A picture changed as the prompt says."""
    with Plantain.from_environment() as plantain:
        request = request_of(
            "edit",
            prompt=prompt,
            images=[image_input(plantain, source) for source in (image, *(reference or ()))],
            mask=image_input(plantain, mask) if mask else None,
            region=region_of(region),
            region_prompt=region_prompt,
            strength=strength,
            size=size,
            aspect_ratio=aspect_ratio,
            count=count,
            seed=seed,
            format=format,
            output=output,
            bit_depth=bit_depth,
            negative_prompt=negative_prompt,
            steps=steps,
            guidance=guidance,
            model=model,
            label=label,
            webhook=webhook,
            deadline=deadline,
            visible_mark=visible_mark,
        )
        run(plantain, request, wait=not no_wait, output=output, json=json)


def upscale(
    image: Annotated[str, typer.Argument(help="The picture to enlarge: a file or gs://…")],
    size: Annotated[str, typer.Option(help="1K, 2K or 4K.")],
    format: Format = None,
    bit_depth: BitDepth = None,
    label: Label = None,
    webhook: WebhookOption = None,
    deadline: Deadline = None,
    visible_mark: VisibleMark = False,
    no_wait: NoWait = False,
    output: Output = None,
    json: JsonOption = False,
) -> None:
    """A picture, larger."""
    with Plantain.from_environment() as plantain:
        request = request_of(
            "upscale",
            images=[image_input(plantain, image)],
            size=size,
            format=format,
            output=output,
            bit_depth=bit_depth,
            label=label,
            webhook=webhook,
            deadline=deadline,
            visible_mark=visible_mark,
        )
        run(plantain, request, wait=not no_wait, output=output, json=json)


def run(plantain: Plantain, request: dict[str, Any], *, wait: bool, output: Path | None, json: bool) -> None:
    job = plantain.create(request)
    if not wait:
        print_json(job) if json else out.print(job_lines(job))
        return
    job = follow(plantain, job["id"], quiet=json)
    files = save(plantain, job, output) if output and job["state"] == "succeeded" else []
    if json:
        print_json({**job, "files": [str(path) for path in files]})
    else:
        out.print(job_lines(job))
        for path in files:
            out.print(f"saved   {path}", soft_wrap=True)
    raise typer.Exit(exit_status(job))


def request_of(
    task: str,
    *,
    label: list[str] | None = None,
    webhook: str | None = None,
    deadline: int | None = None,
    format: str | None = None,
    output: Path | None = None,
    visible_mark: bool = False,
    **fields: Any,
) -> dict[str, Any]:
    """Only what was given: everything else is the service's to choose. A seed or a guidance of 0 is given."""
    fields |= {
        "labels": _labels_of(label),
        "webhook": {"url": webhook} if webhook else None,
        "deadline_seconds": deadline,
        "format": _format_of(format, output),
        "visible_mark": visible_mark or None,
    }
    given = {name: value for name, value in fields.items() if value is not None and value not in ([], {})}
    return {"task": task, **given}


def _format_of(format: str | None, output: Path | None) -> str | None:
    return format or (FORMATS.get(output.suffix.lower()) if output else None)


def _labels_of(labels: list[str] | None) -> dict[str, str]:
    pairs = [label.partition("=") for label in labels or ()]
    if not all(equals for _, equals, _ in pairs):
        raise typer.BadParameter("Write a label as key=value.", param_hint="--label")
    return {key: value for key, _, value in pairs}


def region_of(text: str | None) -> dict[str, list[float]] | None:
    if text is None:
        return None
    try:
        box = [float(part) for part in text.split(",")]
    except ValueError:
        box = []
    if len(box) != 4:
        raise typer.BadParameter(
            "Write a region as x0,y0,x1,y1, each between 0 and 1.", param_hint="--region"
        )
    return {"box": box}
