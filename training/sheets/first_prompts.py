"""``python -m training.sheets.first_prompts``: sixty prompts as first-time users type them, one picture each.

Twenty are in the starter's vocabulary, eight in other languages, thirty-two ask for more than it knows. The
worker's own stages draw and judge them; the sheet is for the eye, the lines say what the manifest would.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from training.networks.sampler import picture_grid, write_png
from training.scenes.pixel_canvas import Picture
from worker.offline.build_pipelines import build_unmarked_pipeline
from worker.stages.work import Work

KNOWN = (
    "a red boat on the sea at night",
    "two black cats in the garden",
    "a lighthouse on the beach at sunset",
    "yellow flowers in a meadow",
    "a robot in the city in the rain",
    "a blue car in the snow",
    "a castle in the mountains, watercolour",
    "an owl in the forest at night",
    "a pink cake on a table",
    "a green train in Paris",
    "an orange cat to the left of a brown dog",
    "a white rocket in space",
    "a hot air balloon over the desert at dawn",
    "fish under water",
    "a snowman in winter",
    "pencil drawing of a house",
    "a purple butterfly in a garden in spring",
    "three red apples on a table",
    "a guitar on the beach, pixel art",
    "a neon star",
)
FOREIGN = (
    "ein rotes Boot auf dem Meer bei Nacht",
    "eine weiße Katze im Garten",
    "un château gris dans les montagnes",
    "una casa amarilla en la playa al atardecer",
    "un gufo marrone nella foresta",
    "um carro azul na cidade à noite",
    "雪地里的一只黑色的狗",
    "海の上の赤い気球",
)
UNKNOWN = (
    "asdfghjkl qwerty",
    "a unicorn jumping over a rainbow",
    "my grandmother's kitchen in 1950",
    "cute fluffy kitten with big eyes, 4k, ultra realistic",
    "a photo of a sunset over the ocean",
    "logo for my coffee shop",
    "a dragon breathing fire on a castle",
    "an astronaut riding a horse on the moon",
    "a red boat without sails",
    "a dog wearing sunglasses",
    "a birthday cake with the words 'Happy Birthday'",
    "a beautiful woman in a red dress",
    "a tiny house on the back of a turtle",
    "cyberpunk city street, cinematic lighting",
    "a cat on a blue table",
    "a bowl of ramen with chopsticks",
    "a dinosaur in a suit",
    "an old man feeding pigeons in the park",
    "a house like Van Gogh would paint it",
    "a tree made of glass",
    "the Golden Gate Bridge in fog",
    "a panda eating bamboo",
    "a soccer player scoring a goal",
    "a huge elephant and a small mouse",
    "a boat in a bottle",
    "czerwona łódka na morzu",
    "красная лодка в море",
    "빨간 배가 바다 위에 있다",
    "ein Einhorn im Wald",
    "un chat avec un chapeau de sorcière",
    "骑自行车的熊猫",
    "a happy family having a picnic, no dogs",
)
PROMPTS = (*KNOWN, *FOREIGN, *UNKNOWN)
_COLUMNS = 10
_DRAWN = 256
"""The side in pixels at which the pictures are asked for."""


def describe(prompt: str, work: Work) -> str:
    """Returns the row of a prompt in a table: the score, and what was not understood and not checked."""
    [picture] = work.pictures
    chosen = next(attempt for attempt in picture.attempts if attempt.chosen)
    intent = work.intent
    if intent is None:
        raise ValueError(f"The prompt was not read: {prompt}")
    score = "none" if chosen.score is None else f"{chosen.score:.2f}"
    cells = (intent.unrecognized, chosen.unchecked, chosen.reasons)
    return " | ".join((prompt, score, *(", ".join(each) or "–" for each in cells)))


def _shrink(picture: np.ndarray, side: int) -> Picture:
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.rint(np.asarray(small) * 255).clip(0, 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.sheets.first_prompts", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("first-prompts.png"))
    parser.add_argument("--side", type=int, default=128, help="of a picture in the sheet, in pixels")
    parser.add_argument("--seed", type=int, default=0, help="of the first prompt; each next one has the next")
    arguments = parser.parse_args()
    pipeline = build_unmarked_pipeline()
    pictures: list[Picture] = []
    print("n | prompt | score | not understood | not checked | missed")
    for n, prompt in enumerate(PROMPTS):
        seed = arguments.seed + n
        drawing = pipeline.draw(seed, width=_DRAWN, height=_DRAWN, task="generate", prompt=prompt)
        pictures.append(_shrink(drawing.last[0], arguments.side))
        print(f"{n // _COLUMNS + 1}.{n % _COLUMNS + 1} | {describe(prompt, drawing.work)}", flush=True)
    write_png(arguments.out, picture_grid(pictures, _COLUMNS))


if __name__ == "__main__":
    main()
