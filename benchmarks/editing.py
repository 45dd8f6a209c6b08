"""``python -m benchmarks.editing``: whether an instruction's change is made, and the rest kept.

200 pairs that training never saw: a rendered scene, an instruction in unseen words or about an unseen
combination, and the scene as it should be. The starter edits the whole picture; a judge that no other part
knows (``benchmarks.drawing.judge``) says whether what was asked for is there, and whether everything else
still is. Where the instruction is about one thing it is made once more in that thing's region alone, through
the worker's own compositing: outside the region every bit must be the input's. Ends with 1 under a target.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.drawing.edit_judge import kept, made, touched
from benchmarks.drawing.judge import Judge, rendered
from benchmarks.drawing.shares import Share, missed, row
from benchmarks.figures import table
from benchmarks.machine import describe
from training.examples.edits import EDIT_KINDS, Edit, sample_edit
from training.examples.instructions import instruction
from training.scenes.truth import truth
from worker.engines.protocol import Mask
from worker.offline.build_pipelines import build_unmarked_pipeline
from worker.offline.pipeline import STARTER_SIDE, OfflinePipeline

LEAST_MADE = 0.50
"""Of a model that was trained on a CPU alone; trained on a GPU it would be 0.80."""
_LARGE = 4 * STARTER_SIDE
"""The side of pictures whose regions are edited: the composite is made at the picture's own size."""
_ROOM = 0.05
"""Of the sides: what is left free around the thing in its region."""


@dataclass(frozen=True)
class Pair:
    edit: Edit
    text: str


@dataclass(frozen=True)
class Outcome:
    kind: str
    made: bool
    kept: bool
    made_corrected: bool
    kept_corrected: bool
    identical: bool | None
    """Whether nothing outside the region changed; None where the change has no region."""


def main() -> int:
    asked = _arguments()
    torch.set_num_threads(asked.threads)
    pipeline, judge = build_unmarked_pipeline(asked.model), Judge.load()
    print(
        describe(),
        f"model     {pipeline.describe_starter()}, {asked.limit} pairs, seed {asked.seed}",
        sep="\n",
    )
    pairs = [_pair(n, asked.seed) for n in range(asked.limit)]
    print(_judged(judge, pairs), flush=True)
    outcomes = [_outcome(n, pair, pipeline, judge, asked.attempts) for n, pair in enumerate(pairs)]
    lines = _edited(outcomes) + _composited(outcomes)
    for line in lines:
        print("MISSED", line)
    return 1 if lines else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.editing", description=__doc__)
    parser.add_argument("--model", type=Path, help="a pipeline folder; the starter that is shipped without")
    parser.add_argument("--limit", type=int, default=200, help="pairs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--attempts", type=int, default=4, help="of the correction loop, the first included")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def _pair(n: int, seed: int) -> Pair:
    """In turn of an unseen combination, in unseen words, and both; the kinds as often as in training."""
    dice = random.Random(f"editing {seed} {n}")
    kinds = [kind for kind, times in EDIT_KINDS.items() for _ in range(times)]
    edit = sample_edit(dice, held_out=n % 3 != 1, kind=kinds[n % len(kinds)])
    return Pair(edit, instruction(edit, dice, phrasing="training" if n % 3 == 0 else "held_out").text)


def _outcome(n: int, pair: Pair, pipeline: OfflinePipeline, judge: Judge, attempts: int) -> Outcome:
    before = rendered(pair.edit.before)
    drawn = pipeline.draw(
        n, task="edit", prompt=pair.text, images=[before], correction={"attempts": attempts}
    )
    first, last = judge.detect(drawn.first[0]), judge.detect(drawn.last[0])
    return Outcome(
        pair.edit.kind,
        made(first, pair.edit),
        kept(first, pair.edit),
        made(last, pair.edit),
        kept(last, pair.edit),
        _is_identical_outside(n, pair, pipeline),
    )


def _is_identical_outside(n: int, pair: Pair, pipeline: OfflinePipeline) -> bool | None:
    region = _region(pair.edit)
    if region is None:
        return None
    before = rendered(pair.edit.before, _LARGE)
    asked = {"task": "edit", "prompt": pair.text, "correction": {"attempts": 1}}
    drawn = pipeline.draw(n, width=_LARGE, height=_LARGE, images=[before], mask=region, **asked)
    outside = region == 0
    return bool(np.array_equal(drawn.last[0][outside], before[outside]))


def _region(edit: Edit) -> Mask | None:
    """The box around the thing that changes, with some room."""
    subject = touched(edit)
    if subject is None:
        return None
    mask = np.zeros((_LARGE, _LARGE), np.float32)
    for scene in (edit.before, edit.after):
        for each in truth(scene).subjects:
            if each.name == subject:
                left, top, right, bottom = each.box
                rows = slice(_pixel(top - _ROOM), _pixel(bottom + _ROOM))
                mask[rows, _pixel(left - _ROOM) : _pixel(right + _ROOM)] = 1
    return mask


def _pixel(share: float) -> int:
    return round(min(max(share, 0.0), 1.0) * _LARGE)


def _judged(judge: Judge, pairs: Sequence[Pair]) -> str:
    """How the judge sees the renderer's own answers; and that nothing was done, where nothing was done."""
    afters = [judge.detect(rendered(pair.edit.after)) for pair in pairs]
    befores = [judge.detect(rendered(pair.edit.before)) for pair in pairs]
    both = list(zip(pairs, afters, befores, strict=True))
    rows = [
        row("the change is seen in the right answer", Share.of_all(made(a, p.edit) for p, a, _ in both)),
        row("the rest is seen in the right answer", Share.of_all(kept(a, p.edit) for p, a, _ in both)),
        row("no change is seen in the input", Share.of_all(not made(b, p.edit) for p, _, b in both)),
    ]
    return (
        "\n"
        + table(("the judge, on the renderer's own pictures", "n", "share (95 %)", "target"), rows)
        + "\n"
    )


def _edited(outcomes: Sequence[Outcome]) -> list[str]:
    changed = Share.of_all(each.made for each in outcomes)
    rows = [row("the change is made", changed, LEAST_MADE)]
    for kind in EDIT_KINDS:
        rows.append(row(f"  {kind}", Share.of_all(each.made for each in outcomes if each.kind == kind)))
    corrected = Share.of_all(each.made_corrected for each in outcomes)
    mended = Share.of_all(each.made_corrected for each in outcomes if not each.made)
    rows += [
        row("the rest is kept", Share.of_all(each.kept for each in outcomes)),
        row("both", Share.of_all(each.made and each.kept for each in outcomes)),
        row("the change is made, with correction", corrected),
        row("the rest is kept, with correction", Share.of_all(each.kept_corrected for each in outcomes)),
        row("changes mended by correction", mended),
    ]
    print(table(("edits of the whole picture", "n", "share (95 %)", "target"), rows), "\n", flush=True)
    return missed("the change is made", changed, LEAST_MADE)


def _composited(outcomes: Sequence[Outcome]) -> list[str]:
    identical = Share.of_all(each.identical for each in outcomes if each.identical is not None)
    rows = [row("every bit outside is the input's", identical, 1.0)]
    print(table(("edits of a region", "n", "share (95 %)", "target"), rows))
    return missed("bit-identical outside the region", identical, 1.0)


if __name__ == "__main__":
    sys.exit(main())
