"""What others do just before a certain call: a race in one order, without threads and without waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def meanwhile(
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    call: str,
    when: Callable[..., bool],
    then: Callable[[], object],
) -> Callable[[], bool]:
    """Does ``then`` before the first call of ``owner.call`` for whose arguments ``when`` holds.

    Returns a function that says whether it came so far.
    """
    original, done = getattr(owner, call), False

    def watched(self: Any, *given: Any, **named: Any) -> Any:
        nonlocal done
        if not done and when(*given):
            done = True
            then()
        return original(self, *given, **named)

    monkeypatch.setattr(owner, call, watched)
    return lambda: done
