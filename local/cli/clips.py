"""``plantain animate``: a picture or a prompt becomes a clip."""

from __future__ import annotations

from typing import Annotated

import typer

from local.cli.options import (
    AspectRatio,
    Deadline,
    DryRun,
    Guidance,
    Height,
    Key,
    Label,
    Model,
    NegativePrompt,
    NoWait,
    Output,
    Seed,
    Steps,
    VisibleMark,
    WebhookOption,
    Width,
)
from local.cli.output import JsonOption
from local.cli.run_request import build_request, run_request
from local.client.api_client import PlantainClient
from local.client.pictures import image_input


def animate(
    prompt: Annotated[str, typer.Argument(help="What happens in the clip.")],
    image: Annotated[
        str | None, typer.Option(help="The picture with which it begins: a file or gs://…; else it is drawn.")
    ] = None,
    seconds: Annotated[int | None, typer.Option(help="How long it is, 2 to 8; by default 4.")] = None,
    fps: Annotated[
        int | None, typer.Option(help="Frames in a second: 8, 12, 16, 24 or 30; by default 24.")
    ] = None,
    size: Annotated[str | None, typer.Option(help="512 or 1K.")] = None,
    aspect_ratio: AspectRatio = None,
    width: Width = None,
    height: Height = None,
    seed: Seed = None,
    format: Annotated[
        str | None, typer.Option(help="mp4 or webp (animated); by default the extension of -o, or mp4.")
    ] = None,
    negative_prompt: NegativePrompt = None,
    steps: Steps = None,
    guidance: Guidance = None,
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
    """Makes a clip, of a prompt or of a picture and a prompt, with a model that draws clips."""
    with PlantainClient.from_environment() as plantain:
        request = build_request(
            "animate",
            prompt=prompt,
            images=[image_input(plantain, image)] if image else [],
            seconds=seconds,
            fps=fps,
            size=size,
            aspect_ratio=aspect_ratio,
            width=width,
            height=height,
            seed=seed,
            format=format,
            output=output,
            negative_prompt=negative_prompt,
            steps=steps,
            guidance=guidance,
            model=model,
            label=label,
            webhook=webhook,
            deadline=deadline,
            visible_mark=visible_mark,
        )
        run_request(plantain, request, key=key, dry_run=dry_run, wait=not no_wait, output=output, json=json)
