"""The lights of scenes, which are times of day: what people call each."""

from __future__ import annotations

LIGHTS = ("day", "sunset", "night", "dawn")
LIGHT_PHRASES: dict[str, tuple[str, ...]] = {
    "day": ("by day", "in daylight", "on a sunny day", "at noon", "during the day"),
    "sunset": ("at sunset", "at dusk", "in the evening", "at sundown", "in the evening light"),
    "night": ("at night", "by night", "under the stars", "in the moonlight", "at midnight"),
    "dawn": ("at dawn", "at sunrise", "early in the morning", "at daybreak"),
}
"""Follow the subject. The first is the plain one."""
LIGHT_NAMES: dict[str, tuple[str, ...]] = {
    "day": ("day", "daylight", "noon"),
    "sunset": ("sunset", "evening", "dusk"),
    "night": ("night", "moonlight", "midnight"),
    "dawn": ("dawn", "sunrise", "daybreak"),
}
"""Stand alone in a list of keywords. The first is the plain one."""
