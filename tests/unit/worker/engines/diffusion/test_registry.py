"""The families, and the table of known models."""

from __future__ import annotations

from worker.engines.diffusion.families.registry import FAMILIES
from worker.known_models.known_model import known_models


def test_every_family_has_a_known_model_and_every_known_model_a_family() -> None:
    assert {model.pipeline for model in known_models().values()} == set(FAMILIES)


def test_the_table_says_which_families_follow_instructions_and_need_an_image() -> None:
    for model in known_models().values():
        family = FAMILIES[model.pipeline]
        assert (model.instructions, model.needs_image) == (family.follows_instructions, family.needs_image)
