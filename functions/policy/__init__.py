"""What may be asked for: screened at the door, and again in the worker."""

from .screening import policy, screen

__all__ = ["policy", "screen"]
