"""``plantain``: the laptop's stack and every job on it, or on a deployment, from a terminal."""

from local.cli.app import main

__all__ = ["main"]
