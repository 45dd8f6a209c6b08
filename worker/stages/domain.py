"""Domain: refuses to redraw a whole photograph with a model that is made for other pictures."""

from __future__ import annotations

from functions.contract.errors import OutsideModelDomain
from worker.stages.tools import EngineTools
from worker.stages.work import Work
from worker.vision.photograph import is_photograph


def domain(work: Work, tools: EngineTools) -> Work:
    """Looks at the picture that is to be changed. Raises OutsideModelDomain, unless the request allows it."""
    engine = tools.engine(work.model)
    is_limited = engine.domain == "illustration" and not work.request.allow_outside_domain
    if is_limited and is_photograph(work.images[0]):
        raise OutsideModelDomain(
            f"{work.model} draws illustrations, and this picture looks like a photograph: little of it "
            "would be left. Name a region to change, or another model, or set allow_outside_domain."
        )
    return work
