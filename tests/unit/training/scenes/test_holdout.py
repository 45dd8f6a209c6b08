"""One combination in ten is held out, and no usual one."""

from __future__ import annotations

import itertools

from training.scenes.composition import RELATIONS, Figure, Scene
from training.scenes.holdout import is_held_out, is_pair_held_out, is_relation_held_out
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS

PAIRS = list(itertools.product(SUBJECTS, COLOURS))


def test_about_a_tenth_of_the_pairs_is_kept() -> None:
    kept = [pair for pair in PAIRS if is_pair_held_out(*pair)]
    assert 0.05 < len(kept) / len(PAIRS) < 0.15


def test_about_a_tenth_of_the_relations_is_kept() -> None:
    triples = [
        (first, relation, second)
        for first, relation, second in itertools.product(SUBJECTS, RELATIONS, SUBJECTS)
        if first != second
    ]
    assert 0.07 < sum(is_relation_held_out(*triple) for triple in triples) / len(triples) < 0.13


def test_what_everybody_expects_is_never_kept() -> None:
    assert not any(
        is_pair_held_out(name, colour) for name, kind in SUBJECTS.items() for colour in kind.colours
    )


def test_a_relation_is_held_out_in_either_order() -> None:
    for first, second in itertools.permutations(SUBJECTS, 2):
        for one, other in (("left of", "right of"), ("above", "below"), ("in front of", "behind")):
            assert is_relation_held_out(first, one, second) == is_relation_held_out(second, other, first)


def test_a_scene_is_kept_for_any_of_its_figures() -> None:
    subject, colour = next(pair for pair in PAIRS if is_pair_held_out(*pair))
    known = next(pair for pair in PAIRS if pair[0] != subject and not is_pair_held_out(*pair))
    alone = Scene((Figure(subject, colour),), "meadow", "day", 1)
    pair = Scene((Figure(*known, "pair left"), Figure(subject, colour, "pair right")), "meadow", "day", 1)
    assert is_held_out(alone)
    assert is_held_out(pair)
    assert not is_held_out(Scene((Figure(*known),), "meadow", "day", 1))
