"""Where words are typeset: on the surface that the prompt names, in the request's region, or a calm place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.contract.region import Region
from worker.engines.protocol import Mask, Picture
from worker.typesetting.backings import BODY_FROM, TAIL
from worker.typesetting.calm_places import (
    Flags,
    Rectangle,
    calmest_place,
    find_flat,
    largest_fit,
    measure_cost,
)
from worker.typesetting.panels import find_panels, order_corners
from worker.typesetting.surface_words import Surface
from worker.typesetting.text_block import TextBlock, choose_block
from worker.vision.contrast_finder import shrink_picture
from worker.vision.protocol import Finder

Backing = Literal["none", "board", "ribbon"]

TITLE, REGION = "title", "region"
_LEAST, _MOST = 0.035, 0.17  # the size of letters on things, of the picture's shorter side
_LEAST_ON_PANEL = 0.06  # a smaller panel is a window or a door
_BANNER_ASPECT = 2.0
_RIBBON_WIDTH = 0.66  # of the picture: its ends stand beside the words
_TITLE = 0.105  # the size of a title, of the shorter side
_TITLE_WIDTH, _TITLE_HEIGHT = 0.78, 0.26  # of the picture
_BOARD_PADDING = 0.55  # of the size, around the letters
_MARGIN = 0.05  # of the shorter side, from the picture's edges
_INSIDE = 0.14  # of a panel's width and height that stay free on each side
_CHEST = 0.4  # of the height of a shirt
_ROUND_LINES = 0.06  # of a line's width and height: a reader's boxes are tight
_EDGE = 0.02  # of the shorter side: how far from a thing's edge letters stay


@dataclass(frozen=True)
class Place:
    """Where a block of words stands."""

    corners: NDArray[np.float32]
    """(4, 2) in fractions of the picture's sides, clockwise from the upper left one on."""
    inside: float
    """The share of the width and of the height that stays free on each side."""
    surface: str
    """The surface's name; "title" on the picture itself, "region" where the request says."""
    backing: Backing = "none"
    """What is drawn under the words first."""
    is_cleared: bool = False
    """True if what stands there is painted over with the colours around it."""
    panel: NDArray[np.bool_] | None = None
    """(h, w) of a small copy: where a panel shows its own colour."""

    @property
    def is_found(self) -> bool:
        """Returns True for a surface that was looked for in the picture."""
        return self.backing == "none" and not self.is_cleared and self.surface not in (TITLE, REGION)

    def room_in(self, width: int, height: int) -> tuple[float, float]:
        """Returns the width and the height in pixels that letters may fill, in a picture of that size."""
        across, down = sides_of(self.corners * np.array([width, height], np.float32))
        free = 2 * self.inside * min(across, down)
        return across - free, down - free

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Returns left, top, right and bottom in fractions of the sides."""
        (left, top), (right, bottom) = self.corners.min(axis=0), self.corners.max(axis=0)
        return (round(float(left), 4), round(float(top), 4), round(float(right), 4), round(float(bottom), 4))


@dataclass(frozen=True)
class Wanted:
    """What words are to stand on."""

    surface: Surface | None
    """As the prompt names it; None: on nothing in particular."""
    has_panels: bool = True
    """False if the picture can show no panel."""
    is_calm: bool = False
    """True if a surface is not looked for."""


def place_in_region(region: Region) -> Place:
    """Returns the place that a request names."""
    if region.polygon and len(region.polygon) == 4:
        return Place(np.array(region.polygon, np.float32), _INSIDE / 2, REGION)
    points = region.polygon or (region.box[:2], region.box[2:]) if region.box else region.polygon or ()
    return Place(_box_corners(np.array(points, np.float32)), _INSIDE / 2, REGION)


def find_place(
    picture: Picture,
    blocks: Sequence[TextBlock],
    wanted: Wanted,
    finder: Finder,
    free: Mask | None = None,
    taken: Sequence[Place] = (),
) -> Place | None:
    """Returns the best place for one of the blocks; None if there is no room.

    ``free`` is where the picture may change, 1 inside (None: everywhere); other words stand at ``taken``.
    """
    small = shrink_picture(picture)
    allowed = _allowed(small, free, taken)
    surface = wanted.surface
    name = surface.name if surface else TITLE
    if free is not None:
        rectangle = _fit(small, blocks, allowed & find_flat(small)) or _fit(small, blocks, allowed)
        return _place_of(rectangle, small, name) if rectangle else None
    if surface is not None and not wanted.is_calm:
        is_panel = surface.kind in ("panel", "banner")
        if is_panel and wanted.has_panels and (place := _find_panel(small, blocks, surface, allowed)):
            return place
        if not is_panel and (place := _find_on_thing(small, blocks, surface, finder, allowed)):
            return place
    return _calm_place(small, blocks, surface, allowed)


def _allowed(small: Picture, free: Mask | None, taken: Sequence[Place]) -> Flags:
    height, width = small.shape[:2]
    allowed = np.ones((height, width), np.uint8)
    if free is not None:
        allowed &= cv2.resize(free, (width, height), interpolation=cv2.INTER_AREA) > 0.99
    for place in taken:
        cv2.fillPoly(allowed, [np.round(place.corners * (width, height)).astype(np.int32)], 0)
    return allowed > 0


def _find_panel(
    small: Picture, blocks: Sequence[TextBlock], surface: Surface, allowed: Flags
) -> Place | None:
    """Returns the best panel with room for letters that are large enough."""
    height, width = small.shape[:2]
    for panel in find_panels(small):
        within = np.zeros((height, width), np.uint8)
        cv2.fillPoly(within, [np.round(panel.corners).astype(np.int32)], 1)
        place = Place(_in_fractions(panel.corners, small), _INSIDE, surface.name, panel=panel.area)
        room = place.room_in(width, height)
        size = choose_block(blocks, *room).size_in(*room)
        is_long = room[0] >= _BANNER_ASPECT * room[1] or surface.kind != "banner"
        if is_long and allowed[within > 0].all() and size >= _LEAST_ON_PANEL * min(width, height):
            return place
    return None


def _find_on_thing(
    small: Picture, blocks: Sequence[TextBlock], surface: Surface, finder: Finder, allowed: Flags
) -> Place | None:
    """Returns an even place on the thing that the prompt names, if the picture shows it."""
    found = finder.find(small, surface.said)
    if found is None:
        return None
    radius = max(1, round(_EDGE * min(small.shape[:2])))
    inner = cv2.erode(
        (found.mask > 0.5).astype(np.uint8), np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)
    )
    height_share = _CHEST if surface.kind == "cloth" else 0.5
    fitting = _fit(small, blocks, allowed & (inner > 0) & find_flat(small), height_share)
    return _place_of(fitting, small, surface.name) if fitting else None


def _fit(
    small: Picture, blocks: Sequence[TextBlock], allowed: Flags, height_share: float = 0.5
) -> Rectangle | None:
    short = min(small.shape[:2])
    return largest_fit(allowed, blocks, _LEAST * short, _MOST * short, height_share)


def _place_of(rectangle: Rectangle, small: Picture, surface: str) -> Place:
    return Place(_in_fractions(rectangle.corners, small), 0.06, surface)


def _calm_place(
    small: Picture, blocks: Sequence[TextBlock], surface: Surface | None, allowed: Flags
) -> Place | None:
    """Returns the calmest place, with a board or a ribbon where the prompt asks for a sign or a banner."""
    height, width = small.shape[:2]
    short = min(height, width)
    backing: Backing = "none"
    if surface is not None:
        backing = "ribbon" if surface.kind == "banner" else "board" if surface.kind == "panel" else "none"
    size, across, down, padding = _size_on(backing, blocks, width, height)
    cost = measure_cost(small) + np.where(allowed, 0, 1e3).astype(np.float32)
    rectangle = calmest_place(cost, across, down, round(_MARGIN * short))
    if not allowed[rectangle.y :, rectangle.x :][:down, :across].all():
        return None
    inside = padding * size / down
    name = TITLE if surface is None or backing == "none" else surface.name
    return Place(_in_fractions(rectangle.corners, small), inside, name, backing)


def _size_on(
    backing: Backing, blocks: Sequence[TextBlock], width: int, height: int
) -> tuple[float, int, int, float]:
    """Returns the size of letters, the place's width and height, and its padding above and below in sizes."""
    most = (_TITLE_WIDTH * width, _TITLE_HEIGHT * height)
    block = choose_block(blocks, *most)
    if backing == "ribbon":  # is one line high, if that is not too small to be read
        one_line = blocks[0].size_in(_RIBBON_WIDTH * width, most[1])
        block = blocks[0] if one_line >= _LEAST_ON_PANEL * min(width, height) else block
        most = (_RIBBON_WIDTH * width, most[1])
    size = min(block.size_in(*most), _TITLE * min(width, height))
    padding = {"none": 0.2, "board": _BOARD_PADDING, "ribbon": 0.45}[backing]
    down = (block.height + 2 * padding) * size
    ends = BODY_FROM * TAIL * down
    beside = {"none": 0.2 * size, "board": 0.75 * size, "ribbon": ends + 0.35 * size}[backing]
    return size, min(round(block.width * size + 2 * beside), width - 2), min(round(down), height - 2), padding


def place_of_lines(lines: Sequence[Sequence[tuple[float, float]]], surface: Surface | None) -> Place:
    """Returns the place of lines that were read, for the words that replace them."""
    points = np.array([point for corners in lines for point in corners], np.float32)
    corners = order_corners(points) if len(lines) == 1 else _box_corners(points)
    middle = corners.mean(axis=0)
    name = surface.name if surface else TITLE
    return Place(middle + (corners - middle) * np.float32(1 + _ROUND_LINES), 0.0, name, is_cleared=True)


def sides_of(corners: NDArray[np.float32]) -> tuple[float, float]:
    """Returns the width and the height of a surface: the longer of each two opposite edges."""
    edges = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return float(max(edges[0], edges[2])), float(max(edges[1], edges[3]))


def _in_fractions(corners: NDArray[np.float32], small: Picture) -> NDArray[np.float32]:
    return corners / np.array(small.shape[1::-1], np.float32)


def _box_corners(points: NDArray[np.float32]) -> NDArray[np.float32]:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
