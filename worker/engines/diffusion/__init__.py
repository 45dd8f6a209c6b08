"""The engine that runs diffusers pipelines. torch and diffusers are imported when a model is loaded."""

from .engine import DiffusersEngine

__all__ = ["DiffusersEngine"]
