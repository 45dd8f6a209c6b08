"""A whole photograph is not handed to a model of illustrations as if it could change it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from functions.contract.errors import OutsideModelDomain
from tests.unit.worker.stages.making import noise, tools, work
from tests.unit.worker.vision.test_photograph import load_photograph
from worker.engines.diffusion.card import ModelCard
from worker.engines.mock import MockEngine
from worker.engines.protocol import Domain, Picture
from worker.settings import EMBEDDED_MODEL
from worker.stages.domain import domain
from worker.stages.pipeline import STAGES
from worker.stages.work import Work


class Illustrator(MockEngine):
    domain: Domain | None = "illustration"


def edit(picture: Picture, **request: Any) -> Work:
    job = work(task="edit", prompt="make it blue", images=[{"uri": "gs://b/n"}], **request)
    job.images = (picture,)
    return job


def applies(job: Work) -> bool:
    return next(stage for stage in STAGES if stage.name == "domain").applies(job)


def test_a_whole_photograph_is_refused_and_the_way_on_is_said() -> None:
    job = edit(load_photograph("chelsea.png"))
    assert applies(job)
    with pytest.raises(OutsideModelDomain, match=r"region.*another model.*allow_outside_domain") as refused:
        domain(job, tools(Illustrator()))
    assert (refused.value.code, refused.value.retryable) == ("outside_model_domain", False)


def test_it_is_drawn_where_the_request_allows_it() -> None:
    domain(edit(load_photograph("chelsea.png"), allow_outside_domain=True), tools(Illustrator()))


def test_other_models_change_photographs() -> None:
    domain(edit(load_photograph("chelsea.png")), tools(MockEngine()))


def test_an_illustration_is_changed() -> None:
    flat = np.full((512, 512, 3), 0.4, np.float32)
    flat[:256] = (0.1, 0.2, 0.9)
    domain(edit(flat), tools(Illustrator()))


@pytest.mark.parametrize("region", [{"region": {"box": [0, 0, 0.5, 0.5]}}, {"region_prompt": "the cat"}])
def test_a_region_of_a_photograph_is_changed(region: dict[str, Any]) -> None:
    assert not applies(edit(noise(256, 256), **region))


def test_the_starters_card_says_what_it_draws() -> None:
    assert ModelCard.read(EMBEDDED_MODEL).domain == "illustration"
