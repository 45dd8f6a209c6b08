"""The words fit together: every name that one table uses stands in the table that it refers to."""

from __future__ import annotations

import pytest

from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.english import join_words, with_article
from worker.scene_vocabulary.lights import LIGHT_NAMES, LIGHT_PHRASES, LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS, SubjectWords


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_a_subject_has_a_plural_for_each_name_and_known_homes_and_colours(subject: SubjectWords) -> None:
    assert len(subject.names) == len(subject.plural) > 0
    assert subject.homes and set(subject.homes) <= set(SETTINGS)
    assert subject.colours and set(subject.colours) <= set(COLOURS)


def test_no_name_means_two_subjects() -> None:
    names = [name for subject in SUBJECTS.values() for name in subject.names]
    assert len(names) == len(set(names))


def test_every_light_has_words_and_every_setting_knows_its_lights() -> None:
    assert tuple(LIGHT_PHRASES) == tuple(LIGHT_NAMES) == LIGHTS
    assert all(setting.lights and set(setting.lights) <= set(LIGHTS) for setting in SETTINGS.values())


def test_everything_can_be_said() -> None:
    assert all(setting.name and setting.phrases for setting in SETTINGS.values())
    assert all(place.names and place.cues for place in PLACES.values())
    assert all(each.name and each.phrases for table in (STYLES, SEASONS, WEATHERS) for each in table.values())


@pytest.mark.parametrize(
    ("article", "words", "said"),
    [("a", "boat", "a boat"), ("a", "owl", "an owl"), ("the", "owl", "the owl"), ("", "owl", "owl")],
)
def test_an_article_fits_the_word_after_it(article: str, words: str, said: str) -> None:
    assert with_article(article, words) == said


def test_empty_parts_leave_no_gap() -> None:
    assert join_words("", "red", "", "boat") == "red boat"
