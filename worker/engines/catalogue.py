"""The engines of one engine process, by the names that requests give their models."""

from __future__ import annotations

from functions.contract.errors import UnknownModel
from worker.engines.mock import MockEngine
from worker.engines.protocol import Engine
from worker.memory import available_bytes
from worker.settings import WorkerSettings
from worker.stages.work import Enlarger

MOCK = "mock"
GEMINI = "gemini"


class Catalogue:
    """Loads an engine when it is first asked for, and keeps it."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._engines: dict[str, Engine] = {}
        self._enlargers: dict[str, Enlarger] = {}

    def engine(self, model: str) -> Engine:
        """Raises UnknownModel or ModelUnavailable."""
        if model not in self._engines:
            engine = self._make(model)
            engine.load()
            self._engines[model] = engine
        return self._engines[model]

    def enlarger(self, model: str) -> Enlarger | None:
        """The super-resolution network that the model's card names, or None."""
        name = self.engine(model).enlarger
        if name is None:
            return None
        if name not in self._enlargers:
            from worker.upscaler.enlarge import Upscaler  # brings torch

            self._enlargers[name] = Upscaler.load(name, self._settings.device)
        return self._enlargers[name]

    def _make(self, model: str) -> Engine:
        source = self._settings.models.get(model)
        if source is None:
            raise UnknownModel(f"No model {model!r} is configured.")
        if source == MOCK:
            return MockEngine()
        if source == GEMINI or source.startswith(f"{GEMINI}:"):
            return self._gemini(source.removeprefix(GEMINI).removeprefix(":"))
        from worker.engines.diffusion import DiffusersEngine  # brings torch

        return DiffusersEngine(
            source,
            device=self._settings.device,
            dtype=self._settings.dtype,
            cache=self._settings.data / "models",
        )

    def _gemini(self, model: str) -> Engine:
        """Of the default model where its id is empty."""
        from worker.engines.gemini.engine import DEFAULT_MODEL, GeminiEngine

        settings, model = self._settings, model or DEFAULT_MODEL
        return GeminiEngine(
            model,
            project=settings.project,
            location=settings.gemini_location,
            key=settings.gemini_key,
            url=settings.gemini_url,
            seconds=settings.gemini_seconds,
            options=settings.gemini_models.get(model),
        )

    def accelerator(self) -> str | None:
        """The CUDA device that loaded models compute on; None on a CPU, and where none computes here."""
        if all(engine.name in (MOCK, GEMINI) for engine in self._engines.values()):
            return None
        import torch

        device = self._settings.device or "cuda"
        return device if device.startswith("cuda") and torch.cuda.is_available() else None

    def free_bytes(self) -> int:
        """Free memory where the models compute: the CUDA device's, or the machine's."""
        device = self.accelerator()
        if device is None:
            return available_bytes()
        import torch

        return torch.cuda.mem_get_info(device)[0]
