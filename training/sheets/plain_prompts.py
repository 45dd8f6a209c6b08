"""``python -m training.sheets.plain_prompts`` draws a sheet of plain prompts, one picture each."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.flux2.pipeline_flux2_klein import Flux2KleinPipeline

from training.examples.captions import LIGHT_PHRASES, with_article
from training.networks.sampler import picture_grid, write_png
from training.scenes.pixel_canvas import Picture
from worker.engines.diffusion.card import ModelCard
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.upscaler.tiled_upscaler import Upscaler

_BATCH = 16
_SHEET_WIDTH = 1280  # pixels


def plain_prompts(count: int = 48) -> list[str]:
    """Returns prompts that go through all subjects, colours, settings and lights in turn."""
    colours, lights = tuple(COLOURS), tuple(LIGHT_PHRASES)
    subjects, settings = tuple(SUBJECTS), tuple(SETTINGS)
    prompts: list[str] = []
    for n in range(count):
        # Each round shifts by one, so that a subject meets other settings.
        subject = SUBJECTS[subjects[n % len(subjects)]].names[0]
        where = SETTINGS[settings[(n + n // len(subjects)) % len(settings)]].phrases[0]
        when = LIGHT_PHRASES[lights[(n + n // len(settings)) % len(lights)]][0]
        prompts.append(with_article("a", f"{colours[n % len(colours)]} {subject} {where} {when}"))
    return prompts


def draw_prompts(weights: Path, prompts: list[str], seed: int) -> list[Picture]:
    """Draws one picture per prompt at the model's native size; picture n has the seed ``seed`` + n."""
    facts = json.loads((weights / "plantain.json").read_text())
    pipeline: Any = Flux2KleinPipeline.from_pretrained(weights, dtype=getattr(torch, facts["dtype"]))
    pipeline.set_progress_bar_config(disable=True)
    pictures: list[Picture] = []
    for first in range(0, len(prompts), _BATCH):
        some = prompts[first : first + _BATCH]
        side = round(facts["native_area"] ** 0.5) // facts["size_multiple"] * facts["size_multiple"]
        drawn = pipeline(
            prompt=some,
            width=side,
            height=side,
            num_inference_steps=facts["steps"],
            guidance_scale=facts["guidance"],
            max_sequence_length=facts["max_sequence_length"],
            text_encoder_out_layers=tuple(facts["text_encoder_out_layers"]),
            generator=[torch.Generator().manual_seed(seed + first + n) for n in range(len(some))],
        ).images
        pictures += [np.asarray(picture) for picture in drawn]
    return pictures


def enlarge_pictures(weights: Path, pictures: list[Picture]) -> list[Picture]:
    """Enlarges drawn pictures by the first network that the model's card names, if it names one."""
    for name in ModelCard.read(weights).enlargers[:1]:
        network = Upscaler.load(name, "cpu")
        floats = [network.enlarge(picture.astype(np.float32) / 255) for picture in pictures]
        return [(picture * 255).round().astype(np.uint8) for picture in floats]
    return pictures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.sheets.plain_prompts", description=__doc__)
    parser.add_argument("--weights", type=Path, default=Path("worker/embedded_model"))
    parser.add_argument("--out", type=Path, default=Path("starter-sheet.png"))
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    prompts = plain_prompts()
    drawn = draw_prompts(arguments.weights, prompts, arguments.seed)
    sheet = picture_grid(enlarge_pictures(arguments.weights, drawn), 8)
    write_png(arguments.out, sheet, _SHEET_WIDTH / sheet.shape[1])
    for number, prompt in enumerate(prompts):
        print(f"{number // 8 + 1}.{number % 8 + 1} {prompt}")


if __name__ == "__main__":
    main()
