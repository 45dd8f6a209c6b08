"""The JSON Schemas of all models that a description names, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

Mode = Literal["validation", "serialization"]
Model = type[BaseModel]

_SENT: Mode = "validation"
_PLACE = "#/components/schemas/{model}"


class ModelSchemas:
    """The schemas of models, each under its name. What is sent to Plantain is read in the mode
    ``validation``; what it answers is written in the mode ``serialization``.
    """

    def __init__(self, models: Iterable[tuple[Model, Mode]], parameters: Iterable[Model] = ()) -> None:
        """Takes models of bodies and answers, and models whose fields are parameters."""
        of_parameters = list(dict.fromkeys(parameters))
        sent: list[tuple[Model, Mode]] = [(model, _SENT) for model in of_parameters]
        wanted = list(dict.fromkeys((*models, *sent)))
        self._references, found = models_json_schema(
            wanted, by_alias=True, ref_template=_PLACE, schema_generator=_PlainSchema
        )
        self.components: dict[str, Any] = found.get("$defs", {})
        self._parameters = {model: self.components.pop(self._name_of(model)) for model in of_parameters}

    def reference(self, model: Model, mode: Mode) -> dict[str, Any]:
        """Returns a reference to the schema. Raises KeyError for a model that was not named."""
        return dict(self._references[model, mode])

    def schema_of_parameters(self, model: Model) -> dict[str, Any]:
        """Returns the schema of a model of parameters. Raises KeyError for one that was not named."""
        return self._parameters[model]

    def _name_of(self, model: Model) -> str:
        return self._references[model, _SENT]["$ref"].rpartition("/")[2]


class _PlainSchema(GenerateJsonSchema):
    """Schemas without the titles that only repeat names, and with texts as Markdown."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        found = super().generate_inner(schema)
        text = found.get("description")
        return found | {"description": text.replace("``", "`")} if text else found
