"""Claims: the statements about a picture, as the C2PA toolkit's manifest definition.

C2PA technical specification 2.4: actions 18.15, soft binding 18.10; training and mining: CAWG 1.1.
No claim names the job, its owner or its prompt, because pictures are shared and these are private.
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
    """Returns the definition of one picture's manifest.

    Args:
        at: when the picture was finished, with a time zone.
        model, revision: the model that drew the picture; not used for an upscale.
        ingredients: the number of input pictures; the first is the parent if the task has one.
        watermark: the mark in the pixels, which leads back to the credentials if they are removed.
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
    """Returns the names of the actions in the claims, in order."""
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
    """Returns the soft binding: the payload with its key version, because each key has its own index."""
    value = f"{watermark.key_version}*{watermark.payload}"
    return {"alg": watermark.scheme, "blocks": [{"scope": {}, "value": value}]}


def _created_assertion(label: str, data: dict[str, Any]) -> dict[str, Any]:
    """Returns an assertion of the signer itself; without ``created`` it would count as gathered."""
    return {"label": label, "data": data, "created": True}
