"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Size = Annotated[str | None, typer.Option(help="512, 1K, 2K or 4K.")]
AspectRatio = Annotated[str | None, typer.Option(help="1:1, 16:9, 3:4 …")]
Width = Annotated[
    int | None,
    typer.Option(help="The exact width in pixels, a multiple of 16, with --height and without --size."),
]
Height = Annotated[int | None, typer.Option(help="The exact height in pixels, a multiple of 16.")]
Count = Annotated[int | None, typer.Option(help="The number of pictures, 1 to 10.")]
Seed = Annotated[int | None, typer.Option(help="The same seed gives the same picture.")]
Format = Annotated[str | None, typer.Option(help="png, jpeg, webp or avif; by default the extension of -o.")]
BitDepth = Annotated[int | None, typer.Option(help="8 or 16 (png only).")]
Quality = Annotated[
    int | None,
    typer.Option(
        help="How much of the picture a jpeg, webp or avif keeps, 1 to 100; by default 92, 90 or 80."
    ),
]
NegativePrompt = Annotated[str | None, typer.Option(help="What the picture should not show.")]
Steps = Annotated[int | None, typer.Option(help="Denoising steps.")]
Guidance = Annotated[float | None, typer.Option(help="How closely to follow the prompt.")]
Attempts = Annotated[
    int | None,
    typer.Option(help="The most drawings of each picture, 1 to 8; the best is kept. More may cost more."),
]
VisibleMark = Annotated[bool, typer.Option("--visible-mark", help="Draw a small visible mark into a corner.")]
Lettering = Annotated[
    str | None,
    typer.Option(help="Who writes words in quotation marks: auto, model, typeset (with fonts) or none."),
]
LetteringRegion = Annotated[
    str | None,
    typer.Option(metavar="X0,Y0,X1,Y1", help="Where words are typeset, as fractions of the sides."),
]
RegionPrompt = Annotated[str | None, typer.Option(help="The region by its name: 'the boat'.")]
RegionBox = Annotated[
    str | None, typer.Option("--region", metavar="X0,Y0,X1,Y1", help="The region as fractions of the sides.")
]
Model = Annotated[str | None, typer.Option(help="One of the configured models.")]
Image = Annotated[
    list[str] | None, typer.Option("--image", help="A reference picture: a file or gs://…; may be repeated.")
]
Label = Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="May be repeated.")]
WebhookOption = Annotated[
    str | None,
    typer.Option("--webhook", metavar="URL", help="An address that is called when the job has ended."),
]
Deadline = Annotated[int | None, typer.Option(help="Seconds after which the job expires.")]
Key = Annotated[str | None, typer.Option(help="An idempotency key: the same key is the same job.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Check the request and estimate its cost. Nothing is drawn.")
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Return as soon as the job is accepted.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        help="Save the picture as this file, or into this folder, which must exist. "
        "Several pictures are numbered from 0.",
    ),
]
