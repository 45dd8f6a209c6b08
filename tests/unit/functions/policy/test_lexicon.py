"""The lexicon is built once, however many first requests come at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from functions.policy import lexicon as lexicon_module
from functions.policy.rules import Policy

CALLERS = 8


@pytest.fixture(autouse=True)
def _nothing_built() -> Iterator[None]:
    built = lexicon_module._build_shipped_lexicon  # pyright: ignore[reportPrivateUsage]
    built.cache_clear()
    yield
    built.cache_clear()


def test_of_many_first_requests_one_builds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody, pause, built = Barrier(CALLERS), Event(), list[Policy]()

    def build(policy: Policy) -> object:
        built.append(policy)
        pause.wait(0.1)  # the others get their turn
        return object()

    def ask(_n: int) -> object:
        everybody.wait()
        return lexicon_module.shipped_lexicon()

    monkeypatch.setattr(lexicon_module, "Lexicon", build)
    with ThreadPoolExecutor(CALLERS) as callers:
        found = list(callers.map(ask, range(CALLERS)))
    assert len(built) == 1
    assert set(map(id, found)) == {id(found[0])}
