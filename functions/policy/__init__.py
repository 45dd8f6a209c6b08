"""What may be asked for: screened at the door, and again in the worker."""

from .rules import policy
from .screener import Screener, refuse
from .screening import screen

__all__ = ["Screener", "policy", "refuse", "screen"]
