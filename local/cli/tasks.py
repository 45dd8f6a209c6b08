"""``plantain outpaint``, ``sequence``, ``suggest`` and ``send``: wider frames, one subject in many, ideas."""

from __future__ import annotations

import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from local.cli.options import (
    AspectRatio,
    Attempts,
    BitDepth,
    Count,
    Deadline,
    DryRun,
    Format,
    Guidance,
    Height,
    Image,
    Key,
    Label,
    Lettering,
    LetteringRegion,
    Model,
    NegativePrompt,
    NoWait,
    Output,
    Quality,
    RegionBox,
    RegionPrompt,
    Seed,
    Size,
    Steps,
    VisibleMark,
    WebhookOption,
    Width,
)
from local.cli.output import INVALID, JsonOption, borderless_table, job_lines, out, print_json, report_error
from local.cli.progress import exit_status, follow_job
from local.cli.run_request import build_request, check_key, choose_format, parse_region, run_request
from local.client.api_client import PlantainClient
from local.client.pictures import image_input


def outpaint(
    image: Annotated[str, typer.Argument(help="The picture to continue: a file or gs://…")],
    aspect_ratio: Annotated[
        str | None,
        typer.Option(help="The shape of the new frame: 16:9, 1:1 …; or give its width and height."),
    ] = None,
    prompt: Annotated[str | None, typer.Option(help="What is around the picture.")] = None,
    size: Size = None,
    width: Width = None,
    height: Height = None,
    count: Count = None,
    seed: Seed = None,
    format: Format = None,
    bit_depth: BitDepth = None,
    quality: Quality = None,
    negative_prompt: NegativePrompt = None,
    steps: Steps = None,
    guidance: Guidance = None,
    attempts: Attempts = None,
    lettering: Lettering = None,
    lettering_region: LetteringRegion = None,
    model: Model = None,
    label: Label = None,
    webhook: WebhookOption = None,
    deadline: Deadline = None,
    visible_mark: VisibleMark = False,
    key: Key = None,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    output: Output = None,
    json: JsonOption = False,
) -> None:
    """Continues a picture into a wider or taller frame; the picture itself stays unchanged."""
    with PlantainClient.from_environment() as plantain:
        request = build_request(
            "outpaint",
            images=[image_input(plantain, image)],
            aspect_ratio=aspect_ratio,
            width=width,
            height=height,
            prompt=prompt,
            size=size,
            count=count,
            seed=seed,
            format=format,
            output=output,
            bit_depth=bit_depth,
            quality=quality,
            negative_prompt=negative_prompt,
            steps=steps,
            guidance=guidance,
            attempts=attempts,
            lettering=lettering,
            lettering_region=parse_region(lettering_region, "--lettering-region"),
            model=model,
            label=label,
            webhook=webhook,
            deadline=deadline,
            visible_mark=visible_mark,
        )
        run_request(plantain, request, key=key, dry_run=dry_run, wait=not no_wait, output=output, json=json)


def sequence(
    prompts: Annotated[
        list[str], typer.Argument(metavar="PROMPT…", help="One prompt for each picture, 2 to 10.")
    ],
    subject: Annotated[
        str | None, typer.Option(help="Who or what all pictures show: 'a red cat with a hat'.")
    ] = None,
    image: Image = None,
    size: Size = None,
    aspect_ratio: AspectRatio = None,
    width: Width = None,
    height: Height = None,
    seed: Seed = None,
    format: Format = None,
    bit_depth: BitDepth = None,
    quality: Quality = None,
    negative_prompt: NegativePrompt = None,
    steps: Steps = None,
    guidance: Guidance = None,
    attempts: Attempts = None,
    lettering: Lettering = None,
    lettering_region: LetteringRegion = None,
    model: Model = None,
    label: Label = None,
    webhook: WebhookOption = None,
    deadline: Deadline = None,
    visible_mark: VisibleMark = False,
    key: Key = None,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    output: Output = None,
    json: JsonOption = False,
) -> None:
    """Draws several pictures of one subject."""
    with PlantainClient.from_environment() as plantain:
        request = build_request(
            "sequence",
            prompts=prompts,
            prompt=subject,
            images=[image_input(plantain, source) for source in image or ()],
            size=size,
            aspect_ratio=aspect_ratio,
            width=width,
            height=height,
            seed=seed,
            format=format,
            output=output,
            bit_depth=bit_depth,
            quality=quality,
            negative_prompt=negative_prompt,
            steps=steps,
            guidance=guidance,
            attempts=attempts,
            lettering=lettering,
            lettering_region=parse_region(lettering_region, "--lettering-region"),
            model=model,
            label=label,
            webhook=webhook,
            deadline=deadline,
            visible_mark=visible_mark,
        )
        run_request(plantain, request, key=key, dry_run=dry_run, wait=not no_wait, output=output, json=json)


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
    key: Key = None,
    dry_run: DryRun = False,
    json: JsonOption = False,
) -> None:
    """Suggests requests for a picture; `plantain send` takes one as it is. Sends none of them."""
    with PlantainClient.from_environment() as plantain:
        request = build_request(
            "suggest",
            images=[image_input(plantain, image)],
            mask=image_input(plantain, mask) if mask else None,
            region=parse_region(region),
            region_prompt=region_prompt,
            model=model,
            label=label,
            deadline=deadline,
        )
        if dry_run:
            run_request(plantain, request, dry_run=True, json=json)
            return
        job = follow_job(plantain, plantain.create(request, check_key(key))["id"], quiet=json)
        ideas = plantain.manifest(job["id"]).get("suggestions", []) if job["state"] == "succeeded" else []
    _print_suggestions(job, ideas, json=json)
    raise typer.Exit(exit_status(job))


def _print_suggestions(job: dict[str, Any], ideas: list[dict[str, Any]], *, json: bool) -> None:
    if json:
        print_json({**job, "suggestions": ideas})
        return
    if not ideas:
        out.print(job_lines(job))
        return
    rows = borderless_table("task", "instruction", "why")
    for idea in ideas:
        rows.add_row(idea["task"], escape(idea["instruction"]), escape(idea["why"]))
    out.print(rows)
    out.print("[dim]With --json each is a request, and `plantain send` takes it as it is.[/dim]")


def send(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A request in JSON; - is standard input.")],
    key: Key = None,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    output: Output = None,
    json: JsonOption = False,
) -> None:
    """Sends a request as it is: the body of POST /v1/jobs, such as one from `plantain suggest`."""
    request = _read_request(file)
    format = request.get("format")
    named = choose_format(format if isinstance(format, str) else None, output)
    if output and format is None and named:  # what is no text is the service's to refuse
        request["format"] = named
    with PlantainClient.from_environment() as plantain:
        run_request(plantain, request, key=key, dry_run=dry_run, wait=not no_wait, output=output, json=json)


def _read_request(file: str) -> dict[str, Any]:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        request = jsonlib.loads(data)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        raise SystemExit(
            report_error(f"{file} is no request: it is not a JSON object.", INVALID, {"code": "usage"})
        )
    return request
