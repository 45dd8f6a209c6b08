"""What is said of each dialect, by its name.

Nothing imports this before someone asks for the description: a function starts without these models.
"""

from __future__ import annotations

from ..gemini.description import DESCRIPTION as GEMINI
from ..openai.description import DESCRIPTION as OPENAI
from ..own.description import DESCRIPTION as OWN
from ..sdwebui.description import DESCRIPTION as SDWEBUI
from .operation import DialectDescription

DESCRIPTIONS: dict[str, DialectDescription] = {
    "own": OWN,
    "gemini": GEMINI,
    "openai": OPENAI,
    "sdwebui": SDWEBUI,
}
