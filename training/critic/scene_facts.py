"""The true answers to the critic's questions about a whole picture."""

from __future__ import annotations

from training.scenes.composition import Scene


def facts_of_scene(scene: Scene) -> dict[str, str]:
    """Returns the right answer to each of the critic's ``FACTS``. The count is the first figure's."""
    return {
        "count": str(scene.figures[0].count),
        "setting": "" if scene.place else scene.setting,
        "light": scene.light,
        "place": scene.place,
        "style": scene.style,
        "season": scene.season,
        "weather": scene.weather,
    }
