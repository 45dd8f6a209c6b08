"""``plantain generate``, ``edit``, ``upscale``: from words and files to a job, and from the job to files."""

from __future__ import annotations

from typing import Annotated

import typer

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
from local.cli.output import JsonOption
from local.cli.run_request import build_request, parse_region, run_request
from local.client.api_client import PlantainClient
from local.client.pictures import image_input


def generate(
    prompt: Annotated[str, typer.Argument(help="What the picture shows.")],
    size: Size = None,
    aspect_ratio: AspectRatio = None,
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
    image: Image = None,
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
    """Draws a picture from a prompt."""
    with PlantainClient.from_environment() as plantain:
        request = build_request(
            "generate",
            prompt=prompt,
            size=size,
            aspect_ratio=aspect_ratio,
            width=width,
            height=height,
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
            images=[image_input(plantain, source) for source in image or ()],
            label=label,
            webhook=webhook,
            deadline=deadline,
            visible_mark=visible_mark,
        )
        run_request(plantain, request, key=key, dry_run=dry_run, wait=not no_wait, output=output, json=json)


def edit(
    image: Annotated[str, typer.Argument(help="The picture to change: a file or gs://…")],
    prompt: Annotated[str, typer.Argument(help="What to change.")],
    mask: Annotated[
        str | None, typer.Option(help="A picture that is white where changes are allowed.")
    ] = None,
    region: RegionBox = None,
    region_prompt: RegionPrompt = None,
    strength: Annotated[float | None, typer.Option(help="How much may change, up to 1.")] = None,
    allow_outside_domain: Annotated[
        bool,
        typer.Option(
            "--allow-outside-domain",
            help="Change the whole of a photograph, also by a model of illustrations.",
        ),
    ] = False,
    reference: Image = None,
    size: Size = None,
    aspect_ratio: AspectRatio = None,
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
    """Changes a picture as the prompt says."""
    with PlantainClient.from_environment() as plantain:
        request = build_request(
            "edit",
            prompt=prompt,
            images=[image_input(plantain, source) for source in (image, *(reference or ()))],
            mask=image_input(plantain, mask) if mask else None,
            region=parse_region(region),
            region_prompt=region_prompt,
            allow_outside_domain=allow_outside_domain or None,
            strength=strength,
            size=size,
            aspect_ratio=aspect_ratio,
            width=width,
            height=height,
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


def upscale(
    image: Annotated[str, typer.Argument(help="The picture to enlarge: a file or gs://…")],
    size: Annotated[str | None, typer.Option(help="1K, 2K or 4K; or give width and height.")] = None,
    width: Width = None,
    height: Height = None,
    format: Format = None,
    bit_depth: BitDepth = None,
    quality: Quality = None,
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
    """Enlarges a picture."""
    with PlantainClient.from_environment() as plantain:
        request = build_request(
            "upscale",
            images=[image_input(plantain, image)],
            size=size,
            width=width,
            height=height,
            format=format,
            output=output,
            bit_depth=bit_depth,
            quality=quality,
            label=label,
            webhook=webhook,
            deadline=deadline,
            visible_mark=visible_mark,
        )
        run_request(plantain, request, key=key, dry_run=dry_run, wait=not no_wait, output=output, json=json)
