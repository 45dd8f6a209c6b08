from __future__ import annotations

import cv2
import numpy as np
import pytest

from functions.contract.region import Region
from tests.unit.worker.typesetting.scenes import SIGN, cake, meadow, shirt, sign
from worker.engines.protocol import Picture
from worker.typesetting.places import Place, Wanted, find_place, place_in_region
from worker.typesetting.surface_words import find_surface
from worker.typesetting.text_block import list_blocks
from worker.typesetting.typefaces import FACES
from worker.vision.contrast_finder import ContrastFinder

BLOCKS = list_blocks("Grand Opening", FACES["Oswald"])


def place_on(name: str | None, picture: Picture, free: Picture | None = None, *taken: Place) -> Place | None:
    surface = find_surface(f'a {name} with "X"', "X") if name else None
    return find_place(picture, BLOCKS, Wanted(surface), ContrastFinder(), free, taken)


def test_a_sign_is_found_with_its_perspective() -> None:
    place = place_on("sign", sign())
    assert place is not None
    assert (place.surface, place.backing) == ("sign", "none")
    assert np.abs(place.corners - np.array(SIGN)).max() < 0.03


@pytest.mark.parametrize(("name", "picture"), [("blue shirt", shirt()), ("cake", cake())])
def test_words_stand_within_the_thing(name: str, picture: Picture) -> None:
    place = place_on(name, picture)
    assert place is not None and place.backing == "none" and place.surface in name
    left, top, right, bottom = (round(each * 256) for each in place.box)
    inside = picture[top:bottom, left:right].reshape(-1, 3)
    assert inside.std(axis=0).max() < 0.01  # nothing but the cloth, nothing but the icing


@pytest.mark.parametrize(("name", "backing"), [("sign", "board"), ("banner", "ribbon"), (None, "none")])
def test_without_a_surface_they_stand_in_a_calm_place(name: str | None, backing: str) -> None:
    place = place_on(name, meadow())
    assert place is not None and place.backing == backing
    assert place.surface == (name or "title")
    left, top, right, bottom = place.box
    assert bottom < 0.6 and abs(left + right - 1) < 0.15 and top > 0.02  # in the sky, in the middle


@pytest.mark.parametrize("wanted", [{"is_calm": True}, {"has_panels": False}])
def test_a_panel_that_cannot_be_used_is_passed_by(wanted: dict[str, bool]) -> None:
    surface = find_surface('a sign with "X"', "X")
    place = find_place(sign(), BLOCKS, Wanted(surface, **wanted), ContrastFinder())
    assert place is not None and place.backing == "board" and not place.is_found


def test_a_slanting_area_is_no_panel() -> None:
    picture = meadow()
    corners = np.array([(60, 120), (110, 40), (150, 50), (100, 130)], np.int32)
    cv2.fillPoly(picture, [corners], (0.9, 0.9, 0.8))
    place = place_on("sign", picture)
    assert place is not None and place.backing == "board"


def test_other_words_are_not_covered() -> None:
    first = place_on("sign", meadow())
    assert first is not None
    second = place_on(None, meadow(), None, first)
    assert second is not None
    assert second.box[1] >= first.box[3] or second.box[3] <= first.box[1]


def test_where_the_picture_may_not_change_nothing_is_placed() -> None:
    free = np.zeros((256, 256), np.float32)
    free[128:230, 20:240] = 1
    place = place_on("sign", meadow(), free)
    assert place is not None
    left, top, right, bottom = place.box
    assert left >= 20 / 256 and right <= 240 / 256 and top >= 0.5 and bottom <= 230 / 256
    free[:] = 0
    free[100:104, 100:104] = 1
    assert place_on("sign", meadow(), free) is None


def test_a_region_is_taken_as_it_is() -> None:
    corners = ((0.1, 0.1), (0.9, 0.2), (0.9, 0.5), (0.1, 0.4))
    assert np.allclose(place_in_region(Region(polygon=corners)).corners, corners)
    assert place_in_region(Region(box=(0.1, 0.2, 0.5, 0.6))).box == (0.1, 0.2, 0.5, 0.6)
    assert place_in_region(Region(polygon=((0.1, 0.1), (0.5, 0.1), (0.3, 0.6)))).box == (0.1, 0.1, 0.5, 0.6)
