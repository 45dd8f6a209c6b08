"""Claims: what the credentials say of a picture, as the toolkit's manifest definition.

C2PA technical specification 2.4: actions 18.15, soft binding 18.10; training and mining: CAWG 1.1.
No claim names the job, its owner or its prompt: a picture travels farther than those may.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from functions.contract.manifest import WatermarkFacts
from functions.contract.release import RELEASE
from worker.credentials.digital_source_types import has_parent, source_type_of_task
from worker.credentials.ingredients import ingredient_label

ACTIONS = "c2pa.actions.v2"
GENERATOR = {"name": "Plantain", "version": RELEASE}

_PROTECTED = ("ai_inference", "ai_training", "ai_generative_training", "data_mining")

Action = dict[str, Any]


def define_claims(
    *,
    task: str,
    content_type: str,
    at: datetime,
    model: str,
    revision: str | None,
    ingredients: int,
    visible_mark: bool,
    watermark: WatermarkFacts | None,
) -> dict[str, Any]:
    """The definition of one picture's manifest.

    Args:
        at: when the picture was finished, with a time zone.
        model, revision: what drew it; of an upscale, nobody did.
        ingredients: how many pictures it was made from; the first is the parent where the task has one.
        watermark: the invisible mark in the pixels, which leads back to the credentials once they are lost.
    """
    when = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    actions = [
        *_creation_actions(task, _software_agent(model, revision), range(ingredients)),
        *([{"action": "c2pa.watermarked.unbound", "description": "A visible mark"}] if visible_mark else ()),
        *([{"action": "c2pa.watermarked.bound"}] if watermark else ()),
    ]
    assertions = [
        _created_assertion(
            ACTIONS,
            {"actions": [_date_action(each, when) for each in actions], "allActionsIncluded": True},
        ),
        _created_assertion(
            "cawg.training-mining", {"entries": {f"cawg.{use}": {"use": "notAllowed"} for use in _PROTECTED}}
        ),
    ]
    if watermark:
        assertions.append(_created_assertion("c2pa.soft-binding", _soft_binding_data(watermark)))
    return {"claim_generator_info": [GENERATOR], "format": content_type, "assertions": assertions}


def action_names(claims: dict[str, Any]) -> list[str]:
    """What the claims say was done, in its order."""
    return [
        action["action"]
        for assertion in claims["assertions"]
        if assertion["label"] == ACTIONS
        for action in assertion["data"]["actions"]
    ]


def _creation_actions(task: str, agent: dict[str, str], ingredients: Iterable[int]) -> list[Action]:
    labels, source = (
        [ingredient_label(n) for n in ingredients],
        {"digitalSourceType": source_type_of_task(task)},
    )
    if not has_parent(task):
        return [_with_ingredients({"action": "c2pa.created", "softwareAgent": agent, **source}, labels)]
    opened = _with_ingredients({"action": "c2pa.opened"}, labels[:1])
    if task == "upscale":
        return [opened, {"action": "c2pa.resized", **source}]
    return [
        opened,
        _with_ingredients({"action": "c2pa.edited", "softwareAgent": agent, **source}, labels[1:]),
    ]


def _with_ingredients(action: Action, labels: list[str]) -> Action:
    return {**action, "parameters": {"ingredientIds": labels}} if labels else action


def _date_action(action: Action, when: str) -> Action:
    return {"softwareAgent": GENERATOR, **action, "when": when}


def _software_agent(model: str, revision: str | None) -> dict[str, str]:
    return {"name": model, "version": revision} if revision else {"name": model}


def _soft_binding_data(watermark: WatermarkFacts) -> dict[str, Any]:
    """The key's version is said beside the payload, because each key has a table of its own to look in."""
    value = f"{watermark.key_version}*{watermark.payload}"
    return {"alg": watermark.scheme, "blocks": [{"scope": {}, "value": value}]}


def _created_assertion(label: str, data: dict[str, Any]) -> dict[str, Any]:
    """An assertion that the signer makes itself; what is not marked so counts as gathered from elsewhere."""
    return {"label": label, "data": data, "created": True}
