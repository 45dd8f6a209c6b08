"""``python -m training.starter.train``: from nothing to the starter's weights, resuming where it stopped."""

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

from training.examples.cache import Batch, Cache
from training.examples.edits import sample_edit
from training.examples.examples import Kind
from training.examples.gallery import Gallery
from training.examples.instructions import instruction
from training.examples.stream import stream
from training.scenes.scene import render

from .autoencoder import build_autoencoder, measure_statistics, psnr, reconstruction_loss, to_pixels
from .config import PRESETS, Config, Span
from .distillation import Journeys
from .export import export
from .layout import WEIGHT, Pupil, transformer_weights
from .optimizers import adamw, muon_and_adamw
from .phase import Phase
from .sampler import GRID_PROMPTS, Studio, contact_sheet, write_png
from .text_encoder import Reader, build_text_encoder, embed_tokens, training_captions
from .tokenizer import Tokens, tokenize, train_tokenizer
from .transformer import build_transformer, flow_loss, fuse_blocks

Module = TypeVar("Module", bound=torch.nn.Module)

PHASES = ("text", "autoencoder", "transformer", "student")
SCENES_ALONE: dict[Kind, float] = {"scenes": 1.0}
SHARES: dict[Kind, float] = {"scenes": 0.58, "edits": 0.31, "references": 0.11}


class Training:
    """The phases in order. Each takes up what the one before left in ``run``, and may be stopped."""

    def __init__(
        self, config: Config, run: Path, *, device: str, stop: Callable[[], bool], revision: str = "0"
    ) -> None:
        """``revision`` is what the exported ``plantain.json`` says."""
        self.config, self.run, self.revision = config, run, revision
        self._device = torch.device(device)
        self._stop = stop
        run.mkdir(parents=True, exist_ok=True)

    def all(self) -> Studio | None:
        """Every phase; None where it was stopped before its end."""
        cache = Cache(self.config, self.run / "cache")
        if cache.full:
            reader, vae = self.text_encoder(self.tokenizer()), self.autoencoder()
        else:
            with Gallery(self.config, self.run / "gallery") as gallery:
                reader, vae = self.text_encoder(self.tokenizer()), self.autoencoder(gallery)
                cache.fill(vae, gallery, stop=self._stop)
            if cache.full:
                gallery.remove()
        if self._stop():
            return None
        teacher = self.transformer(vae, reader, cache)
        if self._stop():
            return None
        studio = self.student(teacher, cache)
        return None if self._stop() else studio

    def tokenizer(self) -> Qwen2Tokenizer:
        folder = self.run / "tokenizer"
        if not folder.exists():
            train_tokenizer(self.config.text.vocabulary, self.config.seed).save_pretrained(folder)
        return Qwen2Tokenizer.from_pretrained(folder)

    def text_encoder(self, tokenizer: Qwen2Tokenizer) -> Reader:
        """The text encoder with its heads, trained."""
        config = self.config
        torch.manual_seed(config.seed)
        reader = Reader(build_text_encoder(config.text, tokenizer), tokenizer, config.text).to(self._device)
        optimizers = adamw(reader, config.text_rate)
        phase = Phase("text", reader, self.run, config.text_span, optimizers)
        phase.run(
            lambda step: reader.loss(training_captions(config, step)),
            every_minutes=config.checkpoint_minutes,
            stop=self._stop,
        )
        reader.eval().requires_grad_(False)
        accuracy = reader.accuracy(training_captions(config, -1))
        print(f"text encoder: {phase.step} steps, {accuracy:.1%} of facts read rightly", flush=True)
        return reader

    def autoencoder(self, gallery: Gallery | None = None) -> AutoencoderKLFlux2:
        """The autoencoder with its latents' statistics, trained where there is a gallery to train on."""
        config, finished = self.config, self.run / "vae"
        if finished.exists():
            return _placed(AutoencoderKLFlux2.from_pretrained(finished), self._device).eval()
        torch.manual_seed(config.seed)
        side = max(max(bucket) for bucket in config.buckets)
        vae = _placed(build_autoencoder(config.autoencoder, side), self._device)
        optimizers = adamw(vae, config.autoencoder_rate)
        phase = Phase("autoencoder", vae, self.run, config.autoencoder_span, optimizers, ema=0.997)
        if gallery is not None:
            phase.run(
                lambda step: reconstruction_loss(
                    vae,
                    to_pixels(gallery.batch(step, config.autoencoder_batch), self._device),
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
            print(f"autoencoder: {phase.step} steps, {psnr(vae, config):.2f} dB", flush=True)
        return vae

    def transformer(self, vae: AutoencoderKLFlux2, reader: Reader, cache: Cache) -> Studio:
        config = self.config
        torch.manual_seed(config.seed)
        pupil = Pupil(self._untrained_transformer(), config.text.max_tokens).to(self._device)
        fuse_blocks(pupil.transformer)
        blocks = ("transformer.transformer_blocks", "transformer.single_transformer_blocks")
        optimizers = muon_and_adamw(pupil, blocks, config.transformer_rate)
        phase = Phase("transformer", pupil, self.run, config.transformer_span, optimizers, ema=0.998)

        prepare = partial(_prepared, config, cache, reader.tokenizer)
        prepared = stream(prepare, itertools.count(phase.step), config.loaders)

        def loss_at(step: int) -> torch.Tensor:
            batch, tokens = next(prepared)
            references = None if batch.references is None else batch.references.to(self._device)
            embeddings = embed_tokens(reader.encoder, tokens, config.text)
            latents = batch.latents.to(self._device)
            shift, generator = config.sampling.shift, self._generator(step)
            flow = flow_loss(pupil.transformer, latents, references, embeddings, shift, generator)
            return flow + WEIGHT * pupil.layout_loss(batch.layout.to(self._device))

        def studio() -> Studio:
            averaged = self._untrained_transformer()
            averaged.load_state_dict(transformer_weights(phase.averaged()))
            return Studio(
                vae, reader.encoder, reader.tokenizer, averaged.eval(), config.text, config.sampling
            )

        phase.run(
            loss_at,
            every_minutes=config.checkpoint_minutes,
            at_checkpoint=lambda: self.show(studio(), phase.step),
            stop=self._stop,
        )
        print(f"transformer: {phase.step} steps of {config.transformer_batch}", flush=True)
        return studio()

    def student(self, teacher: Studio, cache: Cache) -> Studio:
        """The teacher's pupil, which draws in a few steps and without guidance."""
        config = self.config
        journeys = Journeys(config, self.run / "journeys", cache, teacher.tokenizer)
        student = self._untrained_transformer()
        student.load_state_dict(teacher.transformer.state_dict())
        for transformer in (teacher.transformer, student):
            fuse_blocks(transformer)
        journeys.record(teacher, stop=self._stop)
        optimizers = adamw(student, config.student_rate)
        phase = Phase("student", student, self.run, config.student_span, optimizers, ema=0.998)

        def studio() -> Studio:
            averaged = self._untrained_transformer()
            averaged.load_state_dict(phase.averaged())
            return replace(teacher, transformer=averaged.eval(), sampling=config.distilled)

        legs = stream(journeys.leg, itertools.count(phase.step), config.loaders)
        phase.run(
            lambda _step: journeys.loss(student, teacher, next(legs)),
            every_minutes=config.checkpoint_minutes,
            at_checkpoint=lambda: self.show(studio(), phase.step),
            stop=self._stop,
        )
        print(f"student: {phase.step} steps of {config.student_batch}", flush=True)
        return studio()

    def show(self, studio: Studio, step: int) -> None:
        """Leaves what there is so far in the run's folder: the pipeline, and what it draws."""
        export(studio, self.config, self.run / "pipeline", self.revision)
        self._draw(studio, step)

    def _draw(self, studio: Studio, step: int) -> None:
        """The fixed prompts, and edits of fixed scenes (before, after)."""
        width, height = self.config.buckets[0]
        drawn = studio.draw(GRID_PROMPTS, width, height, seed=0)
        name = f"{studio.sampling.steps}-steps-{step:06}"
        write_png(self.run / f"grid-{name}.png", contact_sheet(drawn, 8))
        dice = random.Random(0)
        edits = [sample_edit(dice) for _ in range(8)]
        before = [render(edit.before, width, height) for edit in edits]
        after = studio.draw([instruction(edit, dice).text for edit in edits], width, height, 0, before)
        write_png(self.run / f"edits-{name}.png", contact_sheet([*before, *after], 8))

    def _untrained_transformer(self) -> Flux2Transformer2DModel:
        shape, channels = self.config.transformer, self.config.autoencoder.latent_channels
        return _placed(build_transformer(shape, self.config.text, channels), self._device)

    def _generator(self, step: int) -> torch.Generator:
        return torch.Generator(self._device).manual_seed(self.config.seed * 1_000_003 + step)


def _placed(module: Module, device: torch.device) -> Module:
    # diffusers wraps its models' own ``to`` in a way that type checkers cannot read; it works in place.
    torch.nn.Module.to(module, device)
    return module


def _prepared(config: Config, cache: Cache, tokenizer: Qwen2Tokenizer, step: int) -> tuple[Batch, Tokens]:
    """What the transformer's step ``step`` trains on."""
    shares = SHARES if step >= config.pairs_from else SCENES_ALONE
    batch = cache.batch(step, shares=shares, size=config.transformer_batch)
    return batch, tokenize(tokenizer, batch.texts, config.text.max_tokens)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.starter.train", description=__doc__)
    parser.add_argument("--config", choices=PRESETS, default="cpu", help="which preset to train")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/starter"), help="checkpoints, logs, and the pipeline so far"
    )
    parser.add_argument("--out", type=Path, default=Path("worker/embedded_model"), help="the pipeline folder")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--revision", default="1", help="written to plantain.json")
    parser.add_argument("--journeys", type=int, help="how many pictures the student learns from")
    for phase in PHASES:
        parser.add_argument(f"--{phase}-minutes", type=float, help=f"how long the {phase} trains")
        parser.add_argument(f"--{phase}-steps", type=int, help=f"how many steps the {phase} trains at most")
    return parser.parse_args()


def _configured(arguments: argparse.Namespace) -> Config:
    config = PRESETS[arguments.config]
    for phase in PHASES:
        span: Span = getattr(config, f"{phase}_span")
        minutes, steps = getattr(arguments, f"{phase}_minutes"), getattr(arguments, f"{phase}_steps")
        chosen = Span(minutes or span.minutes, steps or span.steps)
        config = replace(config, **{f"{phase}_span": chosen})
    return replace(config, journeys=arguments.journeys or config.journeys)


def main() -> None:
    arguments = _arguments()
    config = _configured(arguments)
    torch.set_num_threads(config.threads)
    stopped = False

    def stop_at_next_step(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGINT, stop_at_next_step)
    signal.signal(signal.SIGTERM, stop_at_next_step)
    training = Training(
        config,
        arguments.run,
        device=arguments.device,
        stop=lambda: stopped,
        revision=arguments.revision,
    )
    studio = training.all()
    if studio is None:
        print("stopped; the same command goes on from here", flush=True)
        return
    export(studio, config, arguments.out, arguments.revision)
    print(f"exported to {arguments.out}", flush=True)


if __name__ == "__main__":
    main()
