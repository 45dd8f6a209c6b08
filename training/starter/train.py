"""``python -m training.starter.train`` trains the starter from random weights, and resumes after a stop.

With ``--start`` it goes on from a pipeline folder: ``--config continued`` is the preset for that.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from training.networks.config import PRESETS, TrainingConfig, TrainingSpan
from training.networks.stop_signals import stop_on_signals

from .export import export_pipeline
from .starter_training import PHASES, StarterTraining


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.starter.train", description=__doc__)
    parser.add_argument("--config", choices=PRESETS, default="cpu", help="which preset to train")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/starter"), help="checkpoints, logs, and the pipeline so far"
    )
    parser.add_argument("--out", type=Path, default=Path("worker/embedded_model"), help="the pipeline folder")
    parser.add_argument("--start", type=Path, help="a pipeline folder whose transformer is trained further")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--revision", default="1", help="written to plantain.json")
    parser.add_argument("--trajectories", type=int, help="how many pictures the student learns from")
    for phase in PHASES:
        parser.add_argument(f"--{phase}-minutes", type=float, help=f"how long the {phase} trains")
        parser.add_argument(f"--{phase}-steps", type=int, help=f"how many steps the {phase} trains at most")
    return parser.parse_args()


def _config_from(arguments: argparse.Namespace) -> TrainingConfig:
    config = PRESETS[arguments.config]
    for phase in PHASES:
        span: TrainingSpan = getattr(config, f"{phase}_span")
        minutes, steps = getattr(arguments, f"{phase}_minutes"), getattr(arguments, f"{phase}_steps")
        chosen = TrainingSpan(minutes or span.minutes, steps or span.steps)
        config = replace(config, **{f"{phase}_span": chosen})
    return replace(config, trajectories=arguments.trajectories or config.trajectories)


def main() -> None:
    arguments = _parse_arguments()
    config = _config_from(arguments)
    torch.set_num_threads(config.threads)
    stopped = stop_on_signals()
    training = StarterTraining(
        config,
        arguments.run,
        device=arguments.device,
        stop=stopped,
        revision=arguments.revision,
        start=arguments.start,
    )
    sampler = training.train_all()
    if sampler is None:
        print("stopped; the same command goes on from here", flush=True)
        return
    export_pipeline(sampler, config, arguments.out, arguments.revision)
    print(f"exported to {arguments.out}", flush=True)


if __name__ == "__main__":
    main()
