"""``plantain outpaint``, ``sequence`` and ``suggest``: wider frames, one subject in many, ideas."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from ..client import Plantain
from ..pictures import image_input
from .output import JsonOption, job_lines, out, print_json, table
from .pictures import (
    AspectRatio,
    BitDepth,
    Count,
    Deadline,
    Format,
    Guidance,
    Image,
    Label,
    Model,
    NegativePrompt,
    NoWait,
    Output,
    RegionBox,
    RegionPrompt,
    Seed,
    Size,
    Steps,
    VisibleMark,
    WebhookOption,
    region_of,
    request_of,
    run,
)
from .progress import exit_status, follow


def outpaint(
    image: Annotated[str, typer.Argument(help="The picture to continue: a file or gs://…")],
    aspect_ratio: Annotated[str, typer.Option(help="Of the new frame: 16:9, 1:1 …")],
    prompt: Annotated[str | None, typer.Option(help="What is around the picture.")] = None,
    size: Size = None,
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
    """A picture in a wider or taller frame, itself unchanged."""
    with Plantain.from_environment() as plantain:
        request = request_of(
            "outpaint",
            images=[image_input(plantain, image)],
            aspect_ratio=aspect_ratio,
            prompt=prompt,
            size=size,
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


def sequence(
    prompts: Annotated[list[str], typer.Argument(metavar="PROMPT…", help="One for each picture, 2 to 8.")],
    subject: Annotated[
        str | None, typer.Option(help="Who or what all pictures show: 'a red cat with a hat'.")
    ] = None,
    image: Image = None,
    size: Size = None,
    aspect_ratio: AspectRatio = None,
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
    """Several pictures of one subject."""
    with Plantain.from_environment() as plantain:
        request = request_of(
            "sequence",
            prompts=prompts,
            prompt=subject,
            images=[image_input(plantain, source) for source in image or ()],
            size=size,
            aspect_ratio=aspect_ratio,
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


def suggest(
    image: Annotated[str, typer.Argument(help="The picture: a file or gs://…")],
    mask: Annotated[
        str | None, typer.Option(help="A picture that is white where changes are wanted.")
    ] = None,
    region: RegionBox = None,
    region_prompt: RegionPrompt = None,
    model: Model = None,
    label: Label = None,
    deadline: Deadline = None,
    json: JsonOption = False,
) -> None:
    """Edits that would make sense for a picture. None is made."""
    with Plantain.from_environment() as plantain:
        request = request_of(
            "suggest",
            images=[image_input(plantain, image)],
            mask=image_input(plantain, mask) if mask else None,
            region=region_of(region),
            region_prompt=region_prompt,
            model=model,
            label=label,
            deadline=deadline,
        )
        job = follow(plantain, plantain.create(request)["id"], quiet=json)
        ideas = plantain.manifest(job["id"]).get("suggestions", []) if job["state"] == "succeeded" else []
    _print(job, ideas, json=json)
    raise typer.Exit(exit_status(job))


def _print(job: dict[str, Any], ideas: list[dict[str, str]], *, json: bool) -> None:
    if json:
        print_json({**job, "suggestions": ideas})
        return
    if not ideas:
        out.print(job_lines(job))
        return
    rows = table("task", "instruction", "why")
    for idea in ideas:
        rows.add_row(idea["task"], escape(idea["instruction"]), escape(idea["why"]))
    out.print(rows)
