"""/healthz: whether this process answers. It asks nothing of anybody else."""

from __future__ import annotations

from flask import Response

from ..contract.document import VERSION
from .answer import answer


def show() -> Response:
    return answer({"status": "ok", "version": VERSION})
