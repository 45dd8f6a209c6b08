"""The training's configuration, with one preset for two CPU cores and one for a GPU."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from training.scenes.scene_sampling import BUCKETS


@dataclass(frozen=True)
class TrainingSpan:
    """The length of a phase: it ends when either limit is reached."""

    minutes: float
    steps: int = 10_000_000


@dataclass(frozen=True)
class AutoencoderShape:
    """The shape of ``AutoencoderKLFlux2``; every width after the first halves the size."""

    encoder_widths: tuple[int, ...] = (16, 48, 96)
    decoder_widths: tuple[int, ...] = (24, 48, 96)
    latent_channels: int = 8
    groups: int = 8

    @property
    def patch(self) -> int:
        """Returns the side in pixels of one token of the transformer, which is 2 × 2 latents."""
        return 2 ** len(self.encoder_widths)


@dataclass(frozen=True)
class TextShape:
    """The shape of the Qwen3 text encoder and of its tokenizer."""

    vocabulary: int = 1536
    tokenizer_captions: int = 30_000
    """The captions on which the tokenizer is trained."""
    width: int = 192
    layers: int = 4
    heads: int = 6
    out_layers: tuple[int, ...] = (2, 4)
    """The hidden states that the transformer is given; the last one follows the final norm."""
    max_tokens: int = 24


@dataclass(frozen=True)
class TransformerShape:
    """The shape of ``Flux2Transformer2DModel``."""

    heads: int = 3
    rope_axes: tuple[int, int, int, int] = (8, 24, 24, 8)
    """The axes time, height, width and token; their sum is a head's width."""
    double_blocks: int = 1
    single_blocks: int = 6


@dataclass(frozen=True)
class SamplingConfig:
    """How pictures are sampled; written to ``plantain.json``."""

    steps: int = 20
    guidance: float = 3.5
    shift: float = 2.0
    """The flow-matching scheduler's static shift; the training's noise levels use it too.

    The pipeline's dynamic shift suits pictures of 256 tokens and more: at 64 it would spend nearly every
    step on almost pure noise.
    """


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that the training of one model depends on."""

    name: str = "starter"
    enlarger: str = "starter-x4"
    """The network in ``worker/upscaler`` that is trained on what this model's decoder makes."""
    further_enlarger: str | None = "illustration-x4"
    """The network for all passes after the first; None: the same."""
    buckets: tuple[tuple[int, int], ...] = BUCKETS
    scenes: int = 40_000
    edits: int = 24_000
    references: int = 6_000
    seed: int = 1
    threads: int = 2
    loaders: int = 0
    """Processes that prepare the next batches; 0 prepares them in the training's own process."""
    autoencoder: AutoencoderShape = field(default_factory=AutoencoderShape)
    text: TextShape = field(default_factory=TextShape)
    transformer: TransformerShape = field(default_factory=TransformerShape)
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    distilled: SamplingConfig = SamplingConfig(steps=4, guidance=1.0)
    """How the student samples; the student is the model that ships."""
    trajectories: int = 2_400
    """The pictures that the teacher draws for distillation."""
    pairs_from_step: int = 1_400
    """The step from which on the transformer also trains on edits and references."""
    teacher_steps: int = 4
    """The teacher's steps for one step of the student."""
    autoencoder_span: TrainingSpan = TrainingSpan(minutes=23)
    text_span: TrainingSpan = TrainingSpan(minutes=8)
    transformer_span: TrainingSpan = TrainingSpan(minutes=180)
    student_span: TrainingSpan = TrainingSpan(minutes=16)
    autoencoder_batch: int = 12
    text_batch: int = 96
    transformer_batch: int = 40
    autoencoder_rate: float = 1.5e-3
    text_rate: float = 1.5e-3
    transformer_rate: float = 2e-3
    student_batch: int = 40
    student_rate: float = 5e-4
    checkpoint_minutes: float = 5.0


def _scale_buckets(factor: int) -> tuple[tuple[int, int], ...]:
    return tuple((width * factor, height * factor) for width, height in BUCKETS)


PRESETS: dict[str, TrainingConfig] = {
    "cpu": TrainingConfig(),
    # Goes on from a pipeline folder (--start), on other examples.
    "continued": replace(
        TrainingConfig(),
        scenes=20_000,
        edits=8_000,
        references=3_000,
        seed=5,
        pairs_from_step=0,
        trajectories=1_600,
        transformer_span=TrainingSpan(minutes=90, steps=1_700),
        student_span=TrainingSpan(minutes=40, steps=900),
        transformer_rate=1e-3,
    ),
    "gpu": replace(
        TrainingConfig(),
        enlarger="illustration-x4",
        further_enlarger=None,
        buckets=_scale_buckets(4),
        scenes=170_000,
        edits=45_000,
        references=16_000,
        threads=4,
        loaders=8,
        autoencoder=AutoencoderShape((32, 64, 128, 128), (48, 64, 128, 192), 16, 16),
        text=replace(TextShape(), max_tokens=32),
        transformer=TransformerShape(8, (8, 24, 24, 8), 1, 8),
        pairs_from_step=1_000,
        trajectories=20_000,
        autoencoder_span=TrainingSpan(minutes=4.7),
        text_span=TrainingSpan(minutes=1.2),
        transformer_span=TrainingSpan(minutes=10.6),
        student_span=TrainingSpan(minutes=2.2),
        autoencoder_batch=32,
        transformer_batch=256,
        transformer_rate=1.2e-3,
        student_batch=256,
        student_rate=3e-4,
        checkpoint_minutes=3.0,
    ),
}
"""``cpu`` takes five hours on two cores, ``gpu`` half an hour on one H100 with 16 cores."""
