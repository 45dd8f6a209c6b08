"""The colours that a subject can have, by their names."""

from __future__ import annotations

RGB = tuple[int, int, int]
"""Red, green and blue, each from 0 to 255."""

COLOURS: dict[str, RGB] = {
    "red": (222, 40, 40),
    "orange": (246, 132, 24),
    "yellow": (252, 214, 40),
    "green": (46, 156, 62),
    "blue": (38, 90, 216),
    "purple": (136, 58, 188),
    "pink": (248, 130, 184),
    "white": (248, 248, 244),
    "black": (36, 36, 42),
    "brown": (132, 80, 44),
    "grey": (146, 150, 158),
    "turquoise": (40, 200, 194),
}
