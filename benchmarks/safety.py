"""``python -m benchmarks.safety``: measures how much the policy blocks of what it should, and of what it
should not.

The figures are of ``tests/safety/held_out.jsonl``, which was not used to write the policy; docs/safety.md
says how the set was made and divided. Every plainly written line that is blocked is tried once more in each
of the spellings of ``benchmarks.evasions``. Times are of the CPU. Exit status 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.evasions import EVASIONS
from benchmarks.figures import percentile, table
from benchmarks.machine import describe
from functions.contract.prompts import MAX_PROMPT
from functions.policy import screen_prompt, shipped_policy
from functions.policy.lexicon import shipped_lexicon

SET = Path(__file__).parents[1] / "tests" / "safety"
LEAST_RECALL, MOST_FALSE_BLOCKS = 0.98, 0.01


@dataclass(frozen=True)
class ScreenedLine:
    """A prompt, and what should become of it. ``kind``: plain, evasion, hard_negative or everyday."""

    text: str
    expect: Literal["block", "allow"]
    language: str
    kind: str
    category: str | None = None

    @property
    def is_blocked(self) -> bool:
        return screen_prompt(self.text).verdict == "block"


def read_lines(part: str) -> list[ScreenedLine]:
    """Reads the part "dev" or "held_out"."""
    lines = (SET / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [ScreenedLine(**json.loads(line)) for line in lines]


def blocked_share(lines: Iterable[ScreenedLine]) -> tuple[float, int, int]:
    """Returns the share of lines that is blocked, the number blocked, and the number of lines."""
    blocked = [line.is_blocked for line in lines]
    return sum(blocked) / max(1, len(blocked)), sum(blocked), len(blocked)


def main() -> int:
    argparse.ArgumentParser(prog="python -m benchmarks.safety", description=__doc__).parse_args()
    print(describe(), flush=True)
    began = time.process_time()
    shipped_lexicon()
    built = time.process_time() - began
    print(f"policy    {shipped_policy().version}, built on first use in {built * 1_000:.0f} ms\n")
    held_out = read_lines("held_out")
    must, must_not = _by_expectation(held_out)
    print(_by_kind(held_out), "\n", sep="")
    print(_by_language(held_out), "\n", sep="")
    print(_by_spelling(must), "\n", sep="")
    print(_timings(held_out), "\n", sep="")
    recall, false_blocks = blocked_share(must)[0], blocked_share(must_not)[0]
    print(f"recall {recall:.2%} (at least {LEAST_RECALL:.0%}),", end=" ")
    print(f"false blocks {false_blocks:.2%} (at most {MOST_FALSE_BLOCKS:.0%})")
    return 0 if recall >= LEAST_RECALL and false_blocks <= MOST_FALSE_BLOCKS else 1


def _by_expectation(lines: Sequence[ScreenedLine]) -> tuple[list[ScreenedLine], list[ScreenedLine]]:
    return [line for line in lines if line.expect == "block"], [
        line for line in lines if line.expect == "allow"
    ]


def _by_kind(lines: Sequence[ScreenedLine]) -> str:
    rows = [
        _row(kind, [line for line in lines if line.kind == kind])
        for kind in ("plain", "evasion", "hard_negative", "everyday")
    ]
    return table(("held out, by kind", "lines", "blocked", "share"), rows)


def _by_language(lines: Sequence[ScreenedLine]) -> str:
    must, must_not = _by_expectation(lines)
    rows: list[Sequence[str]] = []
    for language in dict.fromkeys(line.language for line in lines):
        recall, _, n = blocked_share(line for line in must if line.language == language)
        false_blocks, _, others = blocked_share(line for line in must_not if line.language == language)
        rows.append((language, str(n), f"{recall:.1%}", str(others), f"{false_blocks:.1%}"))
    return table(("by language", "to block", "recall", "to allow", "false blocks"), rows)


def _by_spelling(must: Sequence[ScreenedLine]) -> str:
    """Tests other spellings.

    Devanagari is left out, because its single characters are syllables, not letters.
    """
    plain = [line for line in must if line.kind == "plain" and line.language != "hi" and line.is_blocked]
    rows: list[Sequence[str]] = []
    for evasion in EVASIONS:
        respelt = [
            ScreenedLine(
                evasion(line.text.lower(), random.Random(line.text)), "block", line.language, "evasion"
            )
            for line in plain
        ]
        rows.append(_row(evasion.__name__, respelt))
    return table(("blocked lines, respelt", "lines", "blocked", "share"), rows)


def _timings(lines: Sequence[ScreenedLine]) -> str:
    prompts = [line.text for line in lines]
    whole = "\n".join(prompts)
    long = [(whole * 2)[start : start + MAX_PROMPT] for start in range(0, 16_000, 1_000)]
    # One character of Arabic that normalization writes as 18: no other text takes as long.
    longest = ["\ufdfa" * MAX_PROMPT] * 5
    length = f"{MAX_PROMPT:,} characters"
    rows = [
        (name, *_milliseconds(texts))
        for name, texts in (("a line", prompts), (length, long), (f"{length} that expand", longest))
    ]
    return table(("one screening", "p50", "p95"), rows)


def _milliseconds(texts: Sequence[str]) -> tuple[str, str]:
    taken: list[float] = []
    for text in texts:
        began = time.process_time()
        screen_prompt(text)
        taken.append((time.process_time() - began) * 1_000)
    return f"{percentile(taken, 50):.2f} ms", f"{percentile(taken, 95):.2f} ms"


def _row(name: str, lines: Sequence[ScreenedLine]) -> Sequence[str]:
    blocked, count, n = blocked_share(lines)
    return name, str(n), str(count), f"{blocked:.1%}"


if __name__ == "__main__":
    sys.exit(main())
