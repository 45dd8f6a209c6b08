"""The policy on what may be asked for: it is applied at admission, and again in the worker."""

from .prompt_terms import screen_prompt
from .rules import shipped_policy
from .screener import Screener, raise_if_blocked

__all__ = ["Screener", "raise_if_blocked", "screen_prompt", "shipped_policy"]
