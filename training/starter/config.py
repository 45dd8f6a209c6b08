"""What is built and how it is trained: one preset for two CPU cores, one for a GPU."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from training.scenes.scene import BUCKETS


@dataclass(frozen=True)
class Span:
    """How long a phase trains: until either bound is reached."""

    minutes: float
    steps: int = 10_000_000


@dataclass(frozen=True)
class AutoencoderShape:
    """``AutoencoderKLFlux2``; it shrinks by 2 for every width after the first."""

    encoder_widths: tuple[int, ...] = (16, 48, 96)
    decoder_widths: tuple[int, ...] = (24, 48, 96)
    latent_channels: int = 8
    groups: int = 8

    @property
    def patch(self) -> int:
        """The side in pixels of what one token of the transformer stands for: 2 × 2 latents."""
        return 2 ** len(self.encoder_widths)


@dataclass(frozen=True)
class TextShape:
    """The Qwen3 text encoder and its tokenizer."""

    vocabulary: int = 1536
    width: int = 192
    layers: int = 4
    heads: int = 6
    out_layers: tuple[int, ...] = (2, 4)
    """Which hidden states the transformer is given; the last is the one after the final norm."""
    max_tokens: int = 24


@dataclass(frozen=True)
class TransformerShape:
    """``Flux2Transformer2DModel``."""

    heads: int = 3
    rope_axes: tuple[int, int, int, int] = (8, 24, 24, 8)
    """Time, height, width, token: their sum is a head's width."""
    double_blocks: int = 1
    single_blocks: int = 6


@dataclass(frozen=True)
class Sampling:
    """How pictures are drawn; written to ``plantain.json``."""

    steps: int = 20
    guidance: float = 3.5
    shift: float = 2.0
    """The flow-matching scheduler's static shift, which training's noise levels follow too. The
    pipeline's own dynamic shift is fitted to pictures of 256 tokens and more: at 64 it would spend
    nearly every step on almost pure noise."""


@dataclass(frozen=True)
class Config:
    name: str = "starter"
    enlarger: str = "illustration-x4"  # the network in worker/upscaler that is trained on these scenes
    buckets: tuple[tuple[int, int], ...] = BUCKETS
    scenes: int = 40_000
    edits: int = 24_000
    references: int = 6_000
    seed: int = 1
    threads: int = 2
    loaders: int = 0
    """Processes that prepare the transformer's next steps; 0 where they would take its own time."""
    autoencoder: AutoencoderShape = field(default_factory=AutoencoderShape)
    text: TextShape = field(default_factory=TextShape)
    transformer: TransformerShape = field(default_factory=TransformerShape)
    sampling: Sampling = field(default_factory=Sampling)
    distilled: Sampling = Sampling(steps=4, guidance=1.0)
    """How the student draws, which is what is shipped."""
    journeys: int = 2_400
    """How many pictures the teacher draws for its student to learn from."""
    pairs_from: int = 1_400
    """From which step on the transformer learns from pairs of pictures as well."""
    legs: int = 4
    """Steps that the teacher takes for one of the student's."""
    autoencoder_span: Span = Span(minutes=23)
    text_span: Span = Span(minutes=8)
    transformer_span: Span = Span(minutes=180)
    student_span: Span = Span(minutes=16)
    autoencoder_batch: int = 12
    text_batch: int = 96
    transformer_batch: int = 40
    autoencoder_rate: float = 1.5e-3
    text_rate: float = 1.5e-3
    transformer_rate: float = 2e-3
    student_batch: int = 40
    student_rate: float = 5e-4
    checkpoint_minutes: float = 5.0


def _scaled(factor: int) -> tuple[tuple[int, int], ...]:
    return tuple((width * factor, height * factor) for width, height in BUCKETS)


PRESETS: dict[str, Config] = {
    "cpu": Config(),
    "gpu": replace(
        Config(),
        buckets=_scaled(4),
        scenes=170_000,
        edits=45_000,
        references=16_000,
        threads=4,
        loaders=8,
        autoencoder=AutoencoderShape((32, 64, 128, 128), (48, 64, 128, 192), 16, 16),
        text=replace(TextShape(), max_tokens=32),
        transformer=TransformerShape(8, (8, 24, 24, 8), 1, 8),
        pairs_from=1_000,
        journeys=20_000,
        autoencoder_span=Span(minutes=4.7),
        text_span=Span(minutes=1.2),
        transformer_span=Span(minutes=10.6),
        student_span=Span(minutes=2.2),
        autoencoder_batch=32,
        transformer_batch=256,
        transformer_rate=1.2e-3,
        student_batch=256,
        student_rate=3e-4,
        checkpoint_minutes=3.0,
    ),
}
"""``cpu`` is for five hours on two cores, ``gpu`` for half an hour on one H100 with 16."""
