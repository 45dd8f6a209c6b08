"""The starter's training: its phases in order, each with checkpoints."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from contextlib import nullcontext
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
    measure_channel_weights,
    measure_psnr,
    measure_statistics,
    reconstruction_loss,
    to_pixels,
)
from training.networks.config import TrainingConfig
from training.networks.layout_head import LAYOUT_WEIGHT, TransformerWithLayoutHead, transformer_weights
from training.networks.optimizers import adamw, muon_and_adamw
from training.networks.pipeline_folder import load_sampler, shape_of
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
        self,
        config: TrainingConfig,
        run: Path,
        *,
        device: str,
        stop: Callable[[], bool],
        revision: str = "0",
        start: Path | None = None,
    ) -> None:
        """Prepares a run.

        Args:
            stop: asked between steps; True ends the training, which then can be resumed.
            revision: written to the exported ``plantain.json``.
            start: a pipeline folder, whose transformer is trained further and whose other parts are kept.
        """
        self.config, self.run, self.revision = config, run, revision
        self._device, self._start = torch.device(device), start
        self._stop = stop
        run.mkdir(parents=True, exist_ok=True)

    def train_all(self) -> Sampler | None:
        """Trains every phase. Returns None if it was stopped before the end."""
        cache = LatentCache(self.config, self.run / "cache")
        untrained = self.prepare_transformer(cache)
        if self._stop():
            return None
        teacher = self.train_transformer(untrained, cache)
        if self._stop():
            return None
        sampler = self.train_student(teacher, cache)
        return None if self._stop() else sampler

    def prepare_transformer(self, cache: LatentCache) -> Sampler:
        """Trains or reads the other parts, while the examples are rendered; fills ``cache`` with them.

        Returns the modules with the transformer that is to be trained.
        """
        pictures = PictureCache(self.config, self.run / "pictures")
        with nullcontext() if cache.full else pictures:
            if self._start:
                untrained = self._read_pipeline(self._start)
            else:
                untrained = self._train_other_parts(None if cache.full else pictures)
            if not cache.full:
                cache.fill(untrained.vae, pictures, stop=self._stop)
        if cache.full:
            pictures.remove()
        return untrained

    def _train_other_parts(self, pictures: PictureCache | None) -> Sampler:
        config = self.config
        text_model, vae = self.train_text_encoder(self.train_tokenizer()), self.train_autoencoder(pictures)
        torch.manual_seed(config.seed)
        transformer = self._untrained_transformer()
        return Sampler(
            vae, text_model.encoder, text_model.tokenizer, transformer, config.text, config.sampling
        )

    def _read_pipeline(self, folder: Path) -> Sampler:
        read = replace(load_sampler(folder), sampling=self.config.sampling)
        for module in (read.vae, read.text_encoder, read.transformer):
            _move_to_device(module, self._device)
        return read

    def train_tokenizer(self) -> Qwen2Tokenizer:
        folder = self.run / "tokenizer"
        if not folder.exists():
            train_tokenizer(self.config.text, self.config.seed).save_pretrained(folder)
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

    def train_transformer(self, start: Sampler, cache: LatentCache) -> Sampler:
        """Trains the transformer of ``start``, whose other parts are frozen; returns the teacher."""
        config = self.config
        torch.manual_seed(config.seed)
        trained = TransformerWithLayoutHead(start.transformer, config.text.max_tokens).to(self._device)
        trained.train().requires_grad_(True)
        fuse_blocks(trained.transformer)
        blocks = ("transformer.transformer_blocks", "transformer.single_transformer_blocks")
        optimizers = muon_and_adamw(trained, blocks, config.transformer_rate)
        phase = TrainingPhase(
            "transformer", trained, self.run, config.transformer_span, optimizers, ema=0.998
        )

        weights = measure_channel_weights(start.vae, config)
        prepare = partial(_prepare_step, config, cache, start.tokenizer)
        prepared = stream_batches(prepare, itertools.count(phase.step), config.loaders)

        def loss_at(step: int) -> torch.Tensor:
            batch, tokens = next(prepared)
            references = None if batch.references is None else batch.references.to(self._device)
            embeddings = embed_tokens(start.text_encoder, tokens, config.text)
            latents = batch.latents.to(self._device)
            shift, generator = config.sampling.shift, self._generator(step)
            flow = flow_loss(trained.transformer, latents, references, embeddings, shift, generator, weights)
            return flow + LAYOUT_WEIGHT * trained.layout_loss(batch.layout.to(self._device))

        def sampler() -> Sampler:
            averaged = self._untrained_copy(start.transformer)
            averaged.load_state_dict(transformer_weights(phase.averaged()))
            return replace(start, transformer=averaged.eval())

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
        student = self._untrained_copy(teacher.transformer)
        student.load_state_dict(teacher.transformer.state_dict())
        for transformer in (teacher.transformer, student):
            fuse_blocks(transformer)
        trajectories.record(teacher, stop=self._stop)
        optimizers = adamw(student, config.student_rate)
        phase = TrainingPhase("student", student, self.run, config.student_span, optimizers, ema=0.998)

        def sampler() -> Sampler:
            averaged = self._untrained_copy(teacher.transformer)
            averaged.load_state_dict(phase.averaged())
            return replace(teacher, transformer=averaged.eval(), sampling=config.distilled)

        weights = measure_channel_weights(teacher.vae, config)
        segments = stream_batches(trajectories.segment, itertools.count(phase.step), config.loaders)
        phase.run(
            lambda _step: trajectories.loss(student, teacher, next(segments), weights),
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

    def _untrained_copy(self, transformer: Flux2Transformer2DModel) -> Flux2Transformer2DModel:
        """Builds an untrained transformer of the same shape, which need not be the preset's."""
        return _move_to_device(Flux2Transformer2DModel(**shape_of(transformer)), self._device)

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
