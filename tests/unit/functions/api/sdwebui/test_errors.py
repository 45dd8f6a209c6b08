"""Every error, in the shape of Stable Diffusion WebUI."""

from __future__ import annotations

import pytest

from functions.api.sdwebui.errors import error_response
from functions.contract.errors import InvalidRequest, PlantainError

ERRORS = sorted(PlantainError.tree().values(), key=lambda kind: kind.code)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.code)
def test_every_error_has_the_webuis_shape(kind: type[PlantainError]) -> None:
    answer = error_response(kind("What to do."))
    assert answer.json == {
        "error": kind.code,
        "detail": "What to do.",
        "body": "",
        "errors": "What to do.",
    }
    assert (answer.status_code, answer.mimetype) == (kind.status, "application/json")


@pytest.mark.parametrize(
    ("field", "named"),
    [("guidance", "cfg_scale"), ("images[0].data", "init_images[0].data"), ("steps", "steps")],
)
def test_a_field_has_the_webuis_name(field: str, named: str) -> None:
    answer = error_response(InvalidRequest("It is too large.", field=field))
    assert (answer.json or {})["detail"] == f"{named}: It is too large."
