"""The settings of scenes: how a caption names each, and what can be seen there."""

from __future__ import annotations

from dataclasses import dataclass

from worker.scene_vocabulary.lights import LIGHTS


@dataclass(frozen=True)
class SettingWords:
    """The words for one setting."""

    phrases: tuple[str, ...]
    """Follow the subject, as in "a boat {on the sea}". The first is the plain one."""
    name: str
    """Stands alone in a list of keywords."""
    lights: tuple[str, ...] = LIGHTS
    """The lights that can be told apart here. A caption names the light only if there are several."""
    outdoors: bool = True
    """True if the setting has weather."""
    seasons: bool = False
    """True if the seasons can be told apart here."""


SETTINGS: dict[str, SettingWords] = {
    "sea": SettingWords(("on the sea", "at sea", "on the ocean", "on the water"), "sea"),
    "meadow": SettingWords(
        ("in a meadow", "on a green field", "on the grass", "in a park"), "meadow", seasons=True
    ),
    "desert": SettingWords(("in the desert", "in a sandy desert", "among desert cacti"), "desert"),
    "city": SettingWords(
        ("in the city", "in a city street", "on a street", "in town", "in front of skyscrapers"),
        "city",
        seasons=True,
    ),
    "snow": SettingWords(("in the snow", "in a snowy landscape", "on the snow"), "snow"),
    "room": SettingWords(
        ("on a table", "on a wooden table", "in a room", "indoors"), "table", outdoors=False
    ),
    "forest": SettingWords(
        ("in the forest", "in a forest", "in the woods", "among trees"), "forest", seasons=True
    ),
    "beach": SettingWords(("on the beach", "at the beach", "on a sandy beach", "by the palm tree"), "beach"),
    "mountains": SettingWords(
        ("in the mountains", "in front of mountains", "among mountains"), "mountains", seasons=True
    ),
    "space": SettingWords(
        ("in space", "in outer space", "on the moon"), "space", lights=("night",), outdoors=False
    ),
    "underwater": SettingWords(("under water", "underwater", "under the sea"), "underwater", outdoors=False),
    "garden": SettingWords(
        ("in a garden", "in the garden", "in front of a white fence"), "garden", seasons=True
    ),
    "farm": SettingWords(("on a farm", "on the farm", "in front of a barn"), "farm", seasons=True),
    "plain": SettingWords(
        ("on a plain background", "on a white background", "on an empty background"),
        "plain background",
        lights=("day",),
        outdoors=False,
    ),
}
