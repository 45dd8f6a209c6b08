"""The comparison counts what callers get of a server that is killed in the middle."""

from __future__ import annotations

import argparse
import threading

from benchmarks.peers.__main__ import measure_kill
from benchmarks.peers.contenders import Lost
from benchmarks.peers.model import draw_png

OPTIONS = argparse.Namespace(kill_jobs=20, kill_seconds=0.0, callers=2)


class Forgetful:
    """Draws until it is killed, and forgets the request that it has taken then."""

    name = "forgetful"

    def __init__(self) -> None:
        self.starts = self.drawn = 0
        self._killed = threading.Event()
        self._turn = threading.Lock()

    def start(self) -> None:
        self.starts += 1

    def kill(self) -> None:
        self._killed.set()

    def draw(self, seed: int, side: int, seconds: float) -> int:
        del seed, side, seconds
        with self._turn:
            if self.drawn == OPTIONS.kill_jobs // 2:
                self._killed.wait()
                self.drawn += 1
                raise Lost
            self.drawn += 1
        return 1


def test_what_was_lost_is_counted_and_the_rest_is_answered_after_a_new_start() -> None:
    server = Forgetful()
    assert measure_kill(server, OPTIONS) == ("20", "19", "1")
    assert server.starts == 2


def test_the_model_function_draws_the_same_picture_for_the_same_seed() -> None:
    assert draw_png("a boat", 1, 64, 0) == draw_png("a boat", 1, 64, 0)
    assert draw_png("a boat", 1, 64, 0) != draw_png("a boat", 2, 64, 0)
