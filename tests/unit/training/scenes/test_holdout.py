"""One combination in ten is kept for measuring, and none that everybody expects."""

from __future__ import annotations

import itertools

from training.scenes.composition import RELATIONS, Figure, Scene
from training.scenes.holdout import held_out, held_out_pair, held_out_relation
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS

PAIRS = list(itertools.product(SUBJECTS, COLOURS))


def test_about_a_tenth_of_the_pairs_is_kept() -> None:
    kept = [pair for pair in PAIRS if held_out_pair(*pair)]
    assert 0.05 < len(kept) / len(PAIRS) < 0.15


def test_about_a_tenth_of_the_relations_is_kept() -> None:
    triples = [
        (first, relation, second)
        for first, relation, second in itertools.product(SUBJECTS, RELATIONS, SUBJECTS)
        if first != second
    ]
    assert 0.07 < sum(held_out_relation(*triple) for triple in triples) / len(triples) < 0.13


def test_what_everybody_expects_is_never_kept() -> None:
    assert not any(held_out_pair(name, colour) for name, kind in SUBJECTS.items() for colour in kind.colours)


def test_a_relation_is_kept_whichever_way_round_it_is_told() -> None:
    for first, second in itertools.permutations(SUBJECTS, 2):
        for one, other in (("left of", "right of"), ("above", "below"), ("in front of", "behind")):
            assert held_out_relation(first, one, second) == held_out_relation(second, other, first)


def test_a_scene_is_kept_for_any_of_its_figures() -> None:
    subject, colour = next(pair for pair in PAIRS if held_out_pair(*pair))
    known = next(pair for pair in PAIRS if pair[0] != subject and not held_out_pair(*pair))
    alone = Scene((Figure(subject, colour),), "meadow", "day", 1)
    pair = Scene((Figure(*known, "pair left"), Figure(subject, colour, "pair right")), "meadow", "day", 1)
    assert held_out(alone)
    assert held_out(pair)
    assert not held_out(Scene((Figure(*known),), "meadow", "day", 1))
