"""``python -m training.starter.train`` trains the starter from random weights, and resumes after a stop."""

from __future__ import annotations

import argparse
import itertools
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

from training.examples.edits import sample_edit
from training.examples.instructions import sample_instruction
from training.networks.autoencoder import (
    build_autoencoder,
    measure_psnr,
    measure_statistics,
    reconstruction_loss,
    to_pixels,
)
from training.networks.config import PRESETS, TrainingConfig, TrainingSpan
from training.networks.layout_head import LAYOUT_WEIGHT, TransformerWithLayoutHead, transformer_weights
from training.networks.optimizers import adamw, muon_and_adamw
from training.networks.sampler import GRID_PROMPTS, Sampler, picture_grid, write_png
from training.networks.text_encoder import (
    TextEncoderWithFactHeads,
    build_text_encoder,
    embed_tokens,
    training_captions,
)
from training.networks.tokenizer import Tokens, tokenize_texts, train_tokenizer
from training.networks.training_phase import TrainingPhase
from training.networks.transformer import build_transformer, flow_loss, fuse_blocks
from training.scenes.scene_sampling import render_scene
from training.starter.batch_stream import stream_batches
from training.starter.latent_cache import LatentBatch, LatentCache
from training.starter.picture_cache import PictureCache
from training.starter.training_examples import ExampleKind

from .distillation import TeacherTrajectories
from .export import export_pipeline

Module = TypeVar("Module", bound=torch.nn.Module)

PHASES = ("text", "autoencoder", "transformer", "student")
ONLY_SCENES: dict[ExampleKind, float] = {"scenes": 1.0}
EXAMPLE_SHARES: dict[ExampleKind, float] = {"scenes": 0.58, "edits": 0.31, "references": 0.11}


class StarterTraining:
    """Trains the phases in order. Each phase reads the results of earlier ones from ``run``."""

    def __init__(
        self, config: TrainingConfig, run: Path, *, device: str, stop: Callable[[], bool], revision: str = "0"
    ) -> None:
        """``revision`` is written to the exported ``plantain.json``."""
        self.config, self.run, self.revision = config, run, revision
        self._device = torch.device(device)
        self._stop = stop
        run.mkdir(parents=True, exist_ok=True)

    def train_all(self) -> Sampler | None:
        """Trains every phase. Returns None if it was stopped before the end."""
        cache = LatentCache(self.config, self.run / "cache")
        if cache.full:
            text_model, vae = self.train_text_encoder(self.train_tokenizer()), self.train_autoencoder()
        else:
            with PictureCache(self.config, self.run / "pictures") as pictures:
                text_model, vae = (
                    self.train_text_encoder(self.train_tokenizer()),
                    self.train_autoencoder(pictures),
                )
                cache.fill(vae, pictures, stop=self._stop)
            if cache.full:
                pictures.remove()
        if self._stop():
            return None
        teacher = self.train_transformer(vae, text_model, cache)
        if self._stop():
            return None
        sampler = self.train_student(teacher, cache)
        return None if self._stop() else sampler

    def train_tokenizer(self) -> Qwen2Tokenizer:
        folder = self.run / "tokenizer"
        if not folder.exists():
            train_tokenizer(self.config.text.vocabulary, self.config.seed).save_pretrained(folder)
        return Qwen2Tokenizer.from_pretrained(folder)

    def train_text_encoder(self, tokenizer: Qwen2Tokenizer) -> TextEncoderWithFactHeads:
        """Trains the text encoder with its heads."""
        config = self.config
        torch.manual_seed(config.seed)
        text_model = TextEncoderWithFactHeads(
            build_text_encoder(config.text, tokenizer), tokenizer, config.text
        ).to(self._device)
        optimizers = adamw(text_model, config.text_rate)
        phase = TrainingPhase("text", text_model, self.run, config.text_span, optimizers)
        phase.run(
            lambda step: text_model.loss(training_captions(config, step)),
            every_minutes=config.checkpoint_minutes,
            stop=self._stop,
        )
        text_model.eval().requires_grad_(False)
        accuracy = text_model.accuracy(training_captions(config, -1))
        print(f"text encoder: {phase.step} steps, {accuracy:.1%} of facts read rightly", flush=True)
        return text_model

    def train_autoencoder(self, pictures: PictureCache | None = None) -> AutoencoderKLFlux2:
        """Trains the autoencoder on ``pictures``, if given, and measures its latents' statistics."""
        config, finished = self.config, self.run / "vae"
        if finished.exists():
            return _move_to_device(AutoencoderKLFlux2.from_pretrained(finished), self._device).eval()
        torch.manual_seed(config.seed)
        side = max(max(bucket) for bucket in config.buckets)
        vae = _move_to_device(build_autoencoder(config.autoencoder, side), self._device)
        optimizers = adamw(vae, config.autoencoder_rate)
        phase = TrainingPhase("autoencoder", vae, self.run, config.autoencoder_span, optimizers, ema=0.997)
        if pictures is not None:
            phase.run(
                lambda step: reconstruction_loss(
                    vae,
                    to_pixels(pictures.batch(step, config.autoencoder_batch), self._device),
                    self._generator(step),
                ),
                every_minutes=config.checkpoint_minutes,
                stop=self._stop,
            )
        vae.load_state_dict(phase.averaged())
        vae.eval()
        measure_statistics(vae, config)
        if phase.done:
            vae.save_pretrained(finished)
            print(f"autoencoder: {phase.step} steps, {measure_psnr(vae, config):.2f} dB", flush=True)
        return vae

    def train_transformer(
        self, vae: AutoencoderKLFlux2, text_model: TextEncoderWithFactHeads, cache: LatentCache
    ) -> Sampler:
        config = self.config
        torch.manual_seed(config.seed)
        trained = TransformerWithLayoutHead(self._untrained_transformer(), config.text.max_tokens).to(
            self._device
        )
        fuse_blocks(trained.transformer)
        blocks = ("transformer.transformer_blocks", "transformer.single_transformer_blocks")
        optimizers = muon_and_adamw(trained, blocks, config.transformer_rate)
        phase = TrainingPhase(
            "transformer", trained, self.run, config.transformer_span, optimizers, ema=0.998
        )

        prepare = partial(_prepare_step, config, cache, text_model.tokenizer)
        prepared = stream_batches(prepare, itertools.count(phase.step), config.loaders)

        def loss_at(step: int) -> torch.Tensor:
            batch, tokens = next(prepared)
            references = None if batch.references is None else batch.references.to(self._device)
            embeddings = embed_tokens(text_model.encoder, tokens, config.text)
            latents = batch.latents.to(self._device)
            shift, generator = config.sampling.shift, self._generator(step)
            flow = flow_loss(trained.transformer, latents, references, embeddings, shift, generator)
            return flow + LAYOUT_WEIGHT * trained.layout_loss(batch.layout.to(self._device))

        def sampler() -> Sampler:
            averaged = self._untrained_transformer()
            averaged.load_state_dict(transformer_weights(phase.averaged()))
            return Sampler(
                vae, text_model.encoder, text_model.tokenizer, averaged.eval(), config.text, config.sampling
            )

        phase.run(
            loss_at,
            every_minutes=config.checkpoint_minutes,
            at_checkpoint=lambda: self.save_progress(sampler(), phase.step),
            stop=self._stop,
        )
        print(f"transformer: {phase.step} steps of {config.transformer_batch}", flush=True)
        return sampler()

    def train_student(self, teacher: Sampler, cache: LatentCache) -> Sampler:
        """Distils the teacher into a student that samples in a few steps without guidance."""
        config = self.config
        trajectories = TeacherTrajectories(config, self.run / "trajectories", cache, teacher.tokenizer)
        student = self._untrained_transformer()
        student.load_state_dict(teacher.transformer.state_dict())
        for transformer in (teacher.transformer, student):
            fuse_blocks(transformer)
        trajectories.record(teacher, stop=self._stop)
        optimizers = adamw(student, config.student_rate)
        phase = TrainingPhase("student", student, self.run, config.student_span, optimizers, ema=0.998)

        def sampler() -> Sampler:
            averaged = self._untrained_transformer()
            averaged.load_state_dict(phase.averaged())
            return replace(teacher, transformer=averaged.eval(), sampling=config.distilled)

        segments = stream_batches(trajectories.segment, itertools.count(phase.step), config.loaders)
        phase.run(
            lambda _step: trajectories.loss(student, teacher, next(segments)),
            every_minutes=config.checkpoint_minutes,
            at_checkpoint=lambda: self.save_progress(sampler(), phase.step),
            stop=self._stop,
        )
        print(f"student: {phase.step} steps of {config.student_batch}", flush=True)
        return sampler()

    def save_progress(self, sampler: Sampler, step: int) -> None:
        """Writes the pipeline so far, and pictures that it draws, to the run's folder."""
        export_pipeline(sampler, self.config, self.run / "pipeline", self.revision)
        self._draw_sheets(sampler, step)

    def _draw_sheets(self, sampler: Sampler, step: int) -> None:
        """Draws the fixed prompts, and edits of fixed scenes (before, after)."""
        width, height = self.config.buckets[0]
        drawn = sampler.draw(GRID_PROMPTS, width, height, seed=0)
        name = f"{sampler.sampling.steps}-steps-{step:06}"
        write_png(self.run / f"grid-{name}.png", picture_grid(drawn, 8))
        rng = random.Random(0)
        edits = [sample_edit(rng) for _ in range(8)]
        before = [render_scene(edit.before, width, height) for edit in edits]
        after = sampler.draw([sample_instruction(edit, rng).text for edit in edits], width, height, 0, before)
        write_png(self.run / f"edits-{name}.png", picture_grid([*before, *after], 8))

    def _untrained_transformer(self) -> Flux2Transformer2DModel:
        shape, channels = self.config.transformer, self.config.autoencoder.latent_channels
        return _move_to_device(build_transformer(shape, self.config.text, channels), self._device)

    def _generator(self, step: int) -> torch.Generator:
        return torch.Generator(self._device).manual_seed(self.config.seed * 1_000_003 + step)


def _move_to_device(module: Module, device: torch.device) -> Module:
    # diffusers wraps its models' ``to`` in a way that type checkers cannot read. This works in place.
    torch.nn.Module.to(module, device)
    return module


def _prepare_step(
    config: TrainingConfig, cache: LatentCache, tokenizer: Qwen2Tokenizer, step: int
) -> tuple[LatentBatch, Tokens]:
    """Prepares the transformer's batch of step ``step``."""
    shares = EXAMPLE_SHARES if step >= config.pairs_from_step else ONLY_SCENES
    batch = cache.batch(step, shares=shares, size=config.transformer_batch)
    return batch, tokenize_texts(tokenizer, batch.texts, config.text.max_tokens)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.starter.train", description=__doc__)
    parser.add_argument("--config", choices=PRESETS, default="cpu", help="which preset to train")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/starter"), help="checkpoints, logs, and the pipeline so far"
    )
    parser.add_argument("--out", type=Path, default=Path("worker/embedded_model"), help="the pipeline folder")
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
    stopped = False

    def stop_at_next_step(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGINT, stop_at_next_step)
    signal.signal(signal.SIGTERM, stop_at_next_step)
    training = StarterTraining(
        config,
        arguments.run,
        device=arguments.device,
        stop=lambda: stopped,
        revision=arguments.revision,
    )
    sampler = training.train_all()
    if sampler is None:
        print("stopped; the same command goes on from here", flush=True)
        return
    export_pipeline(sampler, config, arguments.out, arguments.revision)
    print(f"exported to {arguments.out}", flush=True)


if __name__ == "__main__":
    main()
