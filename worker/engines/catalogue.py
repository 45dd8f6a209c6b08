"""The engines of one engine process, by the model names that requests use."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from functions.contract.errors import UnknownModel
from worker.cold_start.start_parts import StartParts
from worker.engines.free_memory import available_bytes
from worker.engines.mock import MockEngine
from worker.engines.protocol import Engine, Enlarger
from worker.settings import WorkerSettings

MOCK = "mock"
GEMINI = "gemini"
ONNX = "onnx"


class Catalogue:
    """Loads each engine on first use, and keeps it."""

    def __init__(self, settings: WorkerSettings, start: StartParts | None = None) -> None:
        """``start`` measures how long what of the loading takes."""
        self._settings = settings
        self._start = start or StartParts("load")
        self._engines: dict[str, Engine] = {}
        self._enlargers: dict[str, Enlarger] = {}

    def engine(self, model: str) -> Engine:
        """Returns the model's engine, loaded. Raises UnknownModel and ModelUnavailable."""
        if model not in self._engines:
            with self._start.measure("imports"):
                engine = self._build_engine(model)
            with self._start.measure("load"):
                engine.load()
            self._engines[model] = engine
        return self._engines[model]

    def enlargers(self, model: str | None) -> tuple[Enlarger, ...]:
        """Returns the super-resolution networks that the model's card names; for None, the settings' one.

        Raises ModelUnavailable.
        """
        other = self._settings.upscaler
        names = self.engine(model).enlargers if model else (other,) if other else ()
        exported = self._exported_enlargers(model)
        return tuple(exported.get(name) or self._torch_enlarger(name) for name in names)

    def _torch_enlarger(self, name: str) -> Enlarger:
        if name not in self._enlargers:
            from worker.upscaler.tiled_upscaler import Upscaler  # brings torch

            with self._start.measure("load"):
                self._enlargers[name] = Upscaler.load(name, self._settings.device)
        return self._enlargers[name]

    def _build_engine(self, model: str) -> Engine:
        source = self._settings.models.get(model)
        if source is None:
            raise UnknownModel(f"No model {model} is configured.")
        if source.partition(":")[0] == MOCK:
            return MockEngine.from_source(source)
        if source == GEMINI or source.startswith(f"{GEMINI}:"):
            return self._build_gemini(source.removeprefix(GEMINI).removeprefix(":"))
        if source.startswith(f"{ONNX}:"):
            from worker.engines.onnx.engine import (
                OnnxEngine,
            )  # brings onnxruntime, which not every worker has

            return OnnxEngine(Path(source.removeprefix(f"{ONNX}:")))
        from worker.engines.diffusion import DiffusersEngine  # brings torch

        return DiffusersEngine(
            source,
            device=self._settings.device,
            dtype=self._settings.dtype,
            cache=self._settings.data / "models",
            compilation=self._settings.compile,
            compiled=self._settings.data / "compiled",
            start=self._start,
        )

    def _build_gemini(self, model: str) -> Engine:
        """Returns the engine of a Gemini model; an empty id is the default model's."""
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

    def _exported_enlargers(self, model: str | None) -> dict[str, Enlarger]:
        """Returns the networks of exported models' folders by name; none if torch is loaded anyway."""
        engines = [self.engine(model)] if model else list(self._engines.values())
        if ONNX not in (engine.name for engine in engines) or self._has_torch(engines):
            return {}
        from worker.engines.onnx.engine import OnnxEngine

        exported = [engine for engine in engines if isinstance(engine, OnnxEngine)]
        return {network.name: network for engine in exported for network in engine.exported_enlargers(model)}

    @staticmethod
    def _has_torch(engines: Iterable[Engine]) -> bool:
        return any(engine.name not in (MOCK, GEMINI, ONNX) for engine in engines)

    def accelerator(self) -> str | None:
        """Returns the CUDA device of the loaded models; None on a CPU, and if no model computes here."""
        if not self._has_torch(self._engines.values()):
            return None
        import torch

        device = self._settings.device or "cuda"
        return device if device.startswith("cuda") and torch.cuda.is_available() else None

    def free_bytes(self) -> int:
        """Returns the free memory where the models compute: the CUDA device's, or the machine's."""
        device = self.accelerator()
        if device is None:
            return available_bytes()
        import torch

        return torch.cuda.mem_get_info(device)[0]

    def peak_bytes(self) -> int | None:
        """Returns the CUDA device's peak of memory since the last call; None without such a device."""
        device = self.accelerator()
        if device is None:
            return None
        import torch

        peak = torch.cuda.max_memory_reserved(device)
        torch.cuda.reset_peak_memory_stats(device)
        return peak
