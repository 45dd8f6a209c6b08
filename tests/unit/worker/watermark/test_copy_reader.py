"""The proof reads what the detector reads of the same copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.watermark import Watermarker
from worker.watermark.copy_reader import LumaCopyReader
from worker.watermark.detector import detect_watermark
from worker.watermark.read_back import (
    BOTH,
    EACH,
    IN_ORDER,
    copy_levels,
    read_back_if_robust,
    read_back_payload,
)

pytestmark = pytest.mark.slow

Pixels = npt.NDArray[np.float32]
PAYLOAD = 0x0123456789ABCDEF
NAMES = [*(name for names in IN_ORDER for name in names), *EACH]


@pytest.mark.parametrize(("name", "short_side"), [("coffee", 512), ("astronaut", 700), ("coffee", 1600)])
def test_each_copy_is_read_as_from_a_file_of_it(
    name: str, short_side: int, marker: Watermarker, photograph: Callable[..., Pixels]
) -> None:
    marked = marker.embed(photograph(name, short_side), PAYLOAD)
    readings = LumaCopyReader(quantize(marked, 8), marker.carriers, PAYLOAD).read(NAMES)
    for copy, reading in zip(NAMES, readings, strict=True):
        file = levels_to_floats(copy_levels(quantize(marked, 8), copy))
        found = detect_watermark(file, marker.carriers, "pieces", [short_side])
        assert reading is not None and reading[0] == found.payload == PAYLOAD
        assert reading[1] == pytest.approx(found.score, abs=0.03)


def test_a_copy_is_read_whatever_is_expected(marker: Watermarker, photograph: Callable[..., Pixels]) -> None:
    marked = quantize(marker.embed(photograph("coffee"), PAYLOAD), 8)
    expecting = [LumaCopyReader(marked, marker.carriers, each).read(["none"]) for each in (PAYLOAD, 1)]
    assert expecting[0] == expecting[1] == [(PAYLOAD, pytest.approx(0.95, abs=0.05))]


def test_a_proof_that_cannot_be_robust_ends_with_its_first_copies() -> None:
    asked: list[str] = []

    def read(names: Sequence[str]) -> list[tuple[int, float] | None]:
        asked.extend(names)
        return [None if name == "piece-25" else (PAYLOAD, 0.9) for name in names]

    assert read_back_if_robust(PAYLOAD, read) is None
    assert asked == [*IN_ORDER[0], *IN_ORDER[1]]
    assert read_back_payload(PAYLOAD, read).level == "compressed"


@pytest.mark.parametrize(("score", "level"), [(0.7, "robust"), (0.6, "compressed"), (0.0, "compressed")])
def test_one_loss_is_read_by_itself_only_where_both_together_are_not_clearly_read(
    score: float, level: str
) -> None:
    asked: list[str] = []

    def read(names: Sequence[str]) -> list[tuple[int, float] | None]:
        asked.extend(names)
        return [(PAYLOAD, score if name == BOTH else 0.9) for name in names]

    proof = read_back_payload(PAYLOAD, read)
    assert proof.level == level
    assert set(EACH) <= set(proof.survives)
    assert asked == (NAMES if level == "compressed" else NAMES[: -len(EACH)])


def test_a_marginal_copy_is_not_robust() -> None:
    def read(names: Sequence[str]) -> list[tuple[int, float] | None]:
        return [(PAYLOAD, 0.6 if name in ("piece-50", "piece-25") else 0.9) for name in names]

    assert read_back_if_robust(PAYLOAD, read) is None
    assert read_back_payload(PAYLOAD, read).level == "compressed"
