"""A process that dies at a certain call, as far as what it leaves behind goes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pytest


class Killed(BaseException):
    """Nothing that the code under test may catch."""


@contextmanager
def killed_at(owner: object, call: str) -> Generator[None]:
    """The block dies where it calls ``owner.call``; a block that does not come so far fails the test."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as doomed, pytest.raises(Killed):
        doomed.setattr(owner, call, die)
        yield
