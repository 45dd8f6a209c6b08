"""What lies around a picture has the picture's light: a night is not continued by day."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from tests.unit.worker.stages.making import noise, tools, work
from training.scenes.scene_sampling import render_scene, sample_scene
from worker.engines.protocol import Picture
from worker.outpainting.frame import frame_picture
from worker.pictures.pixel_levels import levels_to_floats
from worker.stages.intent import intent
from worker.stages.pipeline import STAGES
from worker.stages.surroundings import leaves_light_open, surroundings
from worker.stages.tools import IntakeTools
from worker.stages.work import Work
from worker.vision.protocol import Light
from worker.vision.vision_tools import RulesVisionTools, TrainedVisionTools

PICTURE = noise(64, 64)


@dataclass
class NightOwl(RulesVisionTools):
    """Sees the night everywhere, and remembers the pictures that it was shown."""

    shown: list[Picture] = field(default_factory=list[Picture])

    def light(self, model: str, picture: Picture) -> Light | None:
        del model
        self.shown.append(picture)
        return Light("night", "at night")


def outpaint(prompt: str | None) -> Work:
    asked = work(
        task="outpaint",
        prompt=prompt,
        images=[{"uri": "gs://b/n"}],
        aspect_ratio="16:9",
        width=112,
        height=64,
    )
    frame, asked.mask = frame_picture(PICTURE, 112, 64)
    asked.images = (frame,)
    return intent(asked, IntakeTools()) if prompt else asked


def test_the_pictures_light_is_added_to_a_prompt_that_names_none() -> None:
    asked, vision_tools = outpaint("a wide calm sea"), NightOwl()
    assert leaves_light_open(asked)
    done = surroundings(asked, replace(tools(), vision=vision_tools))
    assert done.intent is not None
    assert done.intent.prompt == "a wide calm sea at night"
    assert done.intent.light == "night"
    np.testing.assert_array_equal(vision_tools.shown[0], PICTURE)


def test_where_it_cannot_be_told_the_prompt_stays() -> None:
    done = surroundings(outpaint("a wide calm sea"), tools())
    assert done.intent is not None
    assert done.intent.prompt == "a wide calm sea"


@pytest.mark.parametrize("prompt", ["a wide calm sea by day", "the city at sunset", None])
def test_a_light_that_is_asked_for_and_no_prompt_at_all_are_left_alone(prompt: str | None) -> None:
    assert not leaves_light_open(outpaint(prompt))


def test_only_an_outpaint_has_surroundings() -> None:
    assert not leaves_light_open(intent(work(prompt="a red boat"), IntakeTools()))
    names = [stage.name for stage in STAGES]
    assert names.index("locate") < names.index("surroundings") < names.index("encode")


@pytest.mark.parametrize("light", ["day", "night"])
def test_the_critic_of_the_starter_tells_the_light(light: str) -> None:
    rng = random.Random(f"light {light}")
    scenes = (sample_scene(rng) for _ in range(5_000))
    plain = (light, "flat", "clear", "sea")
    scene = next(each for each in scenes if (each.light, each.style, each.weather, each.setting) == plain)
    seen = TrainedVisionTools(("starter",)).light("starter", levels_to_floats(render_scene(scene, 256, 256)))
    assert seen is not None
    assert seen.name == light
    assert TrainedVisionTools(("starter",)).light("mock", PICTURE) is None
