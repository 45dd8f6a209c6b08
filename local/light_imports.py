"""Lets libraries start without the parts that Plantain does not use."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import cast

_NO_PLUGINS = ("PYDANTIC_DISABLE_PLUGINS", "__all__")


def leave_out_unused_parts() -> None:
    """Leaves them out of this process and of those that it starts. Call it before the libraries are imported.

    httpx imports its own command line, with rich and pygments, where they are installed. pydantic reads the
    metadata of every installed package, in search of plugins.
    """
    modules = cast(dict[str, ModuleType | None], sys.modules)
    modules["httpx._main"] = None  # to import it raises ImportError, as where rich is not installed
    os.environ.setdefault(*_NO_PLUGINS)
