"""Models that have some fields of another one: of a stored document, or of a body."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, cast

from pydantic import BaseModel, Field, create_model

from .operation import DescribedModel


class _GivenDescriptions(DescribedModel, use_attribute_docstrings=False):
    """The base of made models: pydantic would look for their docstrings in every file of the call stack."""


def model_of_fields(
    source: type[BaseModel],
    names: Collection[str],
    *,
    nullable: Collection[str] = (),
    is_complete: bool = True,
) -> type[DescribedModel]:
    """Returns a model with these fields of ``source``, to be the base of an answer or of a form.

    ``is_complete``: an answer has every field, and null for one without a value; otherwise such a field is
    left out. ``nullable`` are fields that may be null here and not in ``source``.
    """
    fields: dict[str, Any] = {}
    for name, info in source.model_fields.items():
        if name not in names:
            continue
        kind = cast(Any, Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation)
        if name in nullable:
            kind = kind | None
        default = ... if is_complete or info.is_required() else info.get_default(call_default_factory=True)
        fields[name] = (kind, Field(default, alias=info.alias, description=info.description))
    made = create_model(f"{source.__name__}Fields", __base__=_GivenDescriptions, **fields)
    made.model_config["use_attribute_docstrings"] = True  # for the classes that extend it
    return made
