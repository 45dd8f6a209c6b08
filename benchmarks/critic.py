"""``python -m benchmarks.critic``: measures what the two critics see, against the renderer's ground truth.

The scenes are unknown to both critics: once as rendered, and once after the starter's autoencoder, as all
drawn pictures are. It also measures how well things are found by name: the found box against the true one.
Exit status 1 under a target.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2

from benchmarks.drawing.judge import intent_of_scene
from benchmarks.drawing.shares import Share, describe_miss, share_row
from benchmarks.figures import table
from benchmarks.machine import describe
from training.networks.autoencoder import decode_latents, encode_pixels
from training.scenes.ground_truth import Box, scene_truth
from training.scenes.scene_sampling import BUCKETS, Scene, render_scene, sample_scene
from worker.engines.protocol import Picture
from worker.pictures.pixel_levels import levels_to_floats
from worker.scene_critic.checkpoint import load_detector
from worker.scene_critic.checks import check_scene
from worker.scene_critic.detections import SceneDetections, SubjectDetector
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.stages.locate import box_of
from worker.vision.contrast_finder import ContrastFinder
from worker.vision.protocol import Finder
from worker.vision.trained_finder import TrainedFinder

LEAST_SEEN = 0.90
"""The target for subjects, colours and relations on the renderer's own pictures."""
LEAST_FOUND = 0.80
WEIGHTS = Path("worker/embedded_model/vae")
_ENLARGED = 4
"""Names are looked for in pictures that are so many times as large as the critic's."""


def main() -> int:
    options = _arguments()
    torch.set_num_threads(options.threads)
    print(describe(), flush=True)
    rng = random.Random(f"critic benchmark {options.seed}")
    drawn = [_drawn(rng) for _ in range(options.limit)]
    autoencoder = AutoencoderKLFlux2.from_pretrained(options.autoencoder).eval()
    decoded = [(scene, decode_again(picture, autoencoder)) for scene, picture in drawn]
    lines: list[str] = []
    for name in ("loop", "judge"):
        critic = SubjectDetector(load_detector(name))
        lines += _seen(f"{name}, on renders", critic, drawn, strict=True)
        lines += _seen(f"{name}, through the autoencoder", critic, decoded, strict=False)
    lines += _found(
        TrainedFinder(SubjectDetector(load_detector("loop"))),
        ContrastFinder(),
        [scene for scene, _ in drawn[:200]],
    )
    for line in lines:
        print("MISSED", line)
    return 1 if lines else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.critic", description=__doc__)
    parser.add_argument("--limit", type=int, default=600, help="scenes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--autoencoder", type=Path, default=WEIGHTS)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def _drawn(rng: random.Random) -> tuple[Scene, Picture]:
    width, height = rng.choice(BUCKETS)
    scene = sample_scene(rng, wide=width >= height, held_out=rng.random() < 0.5)
    return scene, levels_to_floats(render_scene(scene, width, height))


def decode_again(picture: Picture, autoencoder: AutoencoderKLFlux2) -> Picture:
    """Returns what the autoencoder makes of a picture."""
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None]
    with torch.no_grad():
        again = decode_latents(autoencoder, encode_pixels(autoencoder, pixels * 2 - 1))[0] / 2 + 0.5
    return again.clamp(0, 1).permute(1, 2, 0).numpy()


def _seen(
    name: str, critic: SubjectDetector, drawn: Sequence[tuple[Scene, Picture]], *, strict: bool
) -> list[str]:
    """Prints one critic's table; returns what is under its target if ``strict``."""
    answers: dict[str, list[bool]] = {}
    invented: list[bool] = []
    for scene, picture in drawn:
        detections = critic.detect(picture)
        for check in check_scene(detections, intent_of_scene(scene)):
            answers.setdefault(check.kind, []).append(check.holds)
        invented += _invented(detections, scene)
    shares = {of: Share.of_all(said) for of, said in answers.items()}
    targets = {of: LEAST_SEEN for of in shares if strict and of in ("subject", "colour", "relation")}
    rows = [share_row(of, share, targets.get(of)) for of, share in shares.items()]
    rows.append(
        share_row("of the subjects that it sees, present", Share.of_all(not each for each in invented))
    )
    print("\n" + table((name, "n", "right (95 %)", "target"), rows), flush=True)
    return [
        line for of, least in targets.items() for line in describe_miss(f"{name}: {of}", shares[of], least)
    ]


def _invented(detections: SceneDetections, scene: Scene) -> list[bool]:
    """Returns for each subject that is seen whether it is absent from the scene."""
    there = {figure.subject for figure in scene.figures}
    return [seen.subject not in there for seen in detections.subjects]


def _found(trained: Finder, contrast: Finder, scenes: Sequence[Scene]) -> list[str]:
    rows: list[Sequence[str]] = []
    lines: list[str] = []
    for finder, least in ((trained, LEAST_FOUND), (contrast, None)):
        overlaps = [_overlap(finder, scene, n) for n, scene in enumerate(scenes)]
        share = Share.of_all(overlap >= 0.5 for overlap in overlaps)
        rows.append((*share_row(f"by {finder.name}", share, least), f"{np.mean(overlaps):.2f}"))
        lines += describe_miss(f"found by {finder.name}", share, least) if least else []
    header = ("things found by their names", "n", "box IoU ≥ 0.5 (95 %)", "target", "mean IoU")
    print("\n" + table(header, rows))
    return lines


def _overlap(finder: Finder, scene: Scene, n: int) -> float:
    """Returns the box IoU of the first thing; the picture's shape alternates with ``n``."""
    width, height = BUCKETS[n % 3] if len(scene.figures) == 1 else BUCKETS[0]
    width, height = width * _ENLARGED, height * _ENLARGED
    subject = scene_truth(scene, width, height).subjects[0]
    picture = levels_to_floats(render_scene(scene, width, height))
    found = finder.find(picture, f"the {subject.colour} {SUBJECTS[subject.name].names[0]}")
    return _iou(box_of(found.mask), subject.box) if found is not None and found.mask.any() else 0.0


def _iou(one: Box, other: Box) -> float:
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    both = max(0.0, right - left) * max(0.0, bottom - top)
    return both / (_area(one) + _area(other) - both)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


if __name__ == "__main__":
    sys.exit(main())
