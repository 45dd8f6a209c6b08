"""The engine that runs diffusers pipelines. torch and diffusers are imported when a model is loaded."""

from worker.engines.diffusion.engine import DiffusersEngine

__all__ = ["DiffusersEngine"]
