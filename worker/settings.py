"""The worker's settings: its own, and those that it shares with the functions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from functions.contract.settings import Settings

MAX_KEY_VERSION = 255
KeyVersion = Annotated[int, Field(ge=1, le=MAX_KEY_VERSION)]
KmsKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+/cryptoKeyVersions/[0-9]+$"
    ),
]
ChatApi = Literal["gemini", "openai"]
OffOrName = Annotated[str | None, BeforeValidator(lambda name: None if name == "off" else name)]
EMBEDDED_MODEL = Path(__file__).parent / "embedded_model"
"""The pipeline folder that comes with Plantain: a FLUX.2 klein of a few megabytes."""
# What `models` calls that folder, wherever Plantain is installed; the second is its name before version 0.1.
_EMBEDDED_MODEL_SOURCES = ("worker/embedded_model", "worker/starter/weights")
UPSCALER = "picture-x2"  # what comes with the worker
HttpAddress = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]


class WorkerSettings(Settings):
    """Settings from ``PLANTAIN_*`` variables. Times are in seconds."""

    data: Path = Path("plantain-data")  # the laptop's keys and the cache of model files
    watermark_key: str | None = Field(default=None, repr=False)  # 64 hexadecimal digits
    watermark_key_version: int = Field(default=1, ge=1, le=MAX_KEY_VERSION)
    watermark_retired_keys: dict[KeyVersion, str] = Field(default={}, repr=False)  # still read, not written
    # Content credentials (docs/content-credentials.md). Chains, keys and roots: PEM, or the name of its file.
    credentials: Literal["on", "off"] = "on"  # off: pictures leave unsigned, and their manifest says so
    credentials_chain: str | None = None  # the signer's certificate first; the laptop makes one of its own
    credentials_key: str | None = Field(default=None, repr=False)
    credentials_kms_key: KmsKey | None = None  # instead of credentials_key: a key version of Cloud KMS
    credentials_trust: str | None = None  # further roots that `verify` trusts
    credentials_organizations: tuple[str, ...] = ()  # further names in which our pictures were signed
    # What results carry of their inputs' credentials. everything: also places and devices.
    ingredient_credentials: Literal["facts", "everything"] = "facts"
    time_stamp_authority: HttpAddress | None = None  # RFC 3161; None: signatures have no time stamp
    # The classifier of pictures (docs/safety.md). That of prompts is a setting of the functions too.
    image_classifier: Literal["gemini", "shieldgemma"] | None = None
    shieldgemma: Path | None = None  # the directory of a ShieldGemma 2 checkpoint
    shieldgemma_block: float = Field(default=0.5, gt=0, le=1)  # the probability at which a picture is blocked
    shieldgemma_review: float = Field(default=0.3, gt=0, le=1)
    # A model that reads prompts, and one that looks at pictures. None: only the rules do.
    language_model: str | None = None
    language_model_api: ChatApi = "gemini"
    language_model_url: HttpAddress | None = None  # an OpenAI-compatible one ends in its version: …/v1
    language_model_key: str | None = Field(default=None, repr=False)  # None with gemini: Vertex AI
    vision_model: str | None = None
    vision_model_api: ChatApi = "gemini"
    vision_model_url: HttpAddress | None = None
    vision_model_key: str | None = Field(default=None, repr=False)
    chat_seconds: float = Field(default=20.0, gt=0, le=300)  # for an answer; after it the rules take over
    # Gemini image models (docs/gemini-engine.md): those of `models` that are "gemini" or "gemini:ID".
    gemini_key: str | None = Field(
        default=None, repr=False
    )  # or its file; None: Vertex AI, by the worker's identity
    gemini_location: str = "global"  # on Vertex AI
    gemini_url: HttpAddress | None = None
    gemini_seconds: float = Field(default=120.0, gt=0, le=600)  # for a picture
    plain_models: tuple[str, ...] = ("starter",)  # draw the caller's own words, not a longer version
    critic_models: tuple[str, ...] = ("starter",)  # draw what the trained critic was trained on
    warm_models: tuple[str, ...] = ()  # loaded before the worker is ready; none means the default model
    device: str | None = None  # None: CUDA if there is one, else the CPU
    dtype: str | None = None  # float32, bfloat16, float16, int8, or fp8 on a GPU; None: what the model says
    # The denoiser's blocks (docs/speed.md). auto: compiled on a GPU; graphs: and replayed as CUDA graphs.
    compile: Literal["auto", "off", "blocks", "graphs"] = "auto"
    upscaler: OffOrName = UPSCALER  # for any picture: a name or a file (docs/upscaling.md); off: Lanczos
    # For what torch compiled on a GPU (docs/cold-start.md). Who can write to it runs code as the worker.
    compile_cache_bucket: str | None = None
    ready_file: Path | None = None  # written when the worker is warm
    health_port: int | None = Field(default=None, ge=0, le=65_535)  # /healthz, /readyz; None: PORT, or none
    grace_seconds: float = Field(default=7.0, ge=0)  # Cloud Run gives 10 between SIGTERM and SIGKILL
    hang_seconds: float = Field(default=600.0, gt=0)  # of silence, after which the engine counts as hung
    checkpoint_after_seconds: float = Field(default=2.0, ge=0)  # quicker drawings are drawn again instead
    # Jobs held at once. None: 8, or three of the largest passes: one is drawn, one waits, one is finished.
    jobs_in_flight: int | None = Field(default=None, ge=1, le=96)
    max_batch: int = Field(
        default=8, ge=1, le=32
    )  # pictures in one pass, where a GPU gains from it; 1: alone


def model_directory(source: str) -> Path:
    """Returns the folder that ``source`` of `models` names, whether it exists or not.

    The embedded model has a fixed name. Other relative paths start at the working directory.
    """
    return EMBEDDED_MODEL if source.rstrip("/") in _EMBEDDED_MODEL_SOURCES else Path(source)
