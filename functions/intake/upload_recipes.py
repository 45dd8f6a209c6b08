"""The instruction for an uploaded picture: its own custom metadata, or else its folder's recipe.

Metadata: ``plantain-prompt``, ``plantain-task`` (edit by default), and in the same way any other field of a
request, with hyphens for underscores: ``plantain-aspect-ratio``, ``plantain-seed``, ``plantain-labels`` …
Numbers, lists and objects are JSON: ``plantain-region: {"box": [0, 0, 0.5, 1]}``. ``plantain-images`` adds
references.

Recipe: ``recipes/{folder}.json`` in the uploads bucket, a request without the picture to change. For an
object in ``a/b/`` that is ``recipes/a/b.json`` or else ``recipes/a.json``. Its ``images`` follow the upload,
as references.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract import paths
from ..contract.errors import InvalidRequest, NotFound, PlantainError
from ..contract.request import ImageInput, JobRequest
from ..contract.storage.bucket import Bucket
from ..contract.validation.json_bounds import NO_FILES
from .strict_json import parse_json, parse_json_object, parse_model

MAX_RECIPE = 2**20  # bytes
HOW = (
    "Upload it again with the custom metadata plantain-prompt (gcloud storage cp FILE gs://BUCKET/NAME "
    '--custom-metadata=plantain-prompt="make it snow"), or first put a recipe such as {"prompt": "make it '
    'snow"} at recipes/FOLDER.json in the same bucket and then upload it again. Or name it by its address in '
    "POST /v1/jobs. To change the metadata of an object, or to add a recipe later, starts nothing."
)
_MAX_FOLDERS = 16  # folders whose recipe is looked for, from the object's own upwards
_TEXTS = frozenset(
    {
        "task",
        "prompt",
        "negative_prompt",
        "region_prompt",
        "size",
        "aspect_ratio",
        "lettering",
        "format",
        "model",
        "priority",
    }
)


def find_instruction(uploads: Bucket, name: str, metadata: Mapping[str, str]) -> dict[str, Any] | None:
    """Returns the unvalidated fields of a request for the object ``name``; None when there is no instruction.

    Raises InvalidRequest for metadata or a recipe that cannot be read, and Transient.
    """
    return instruction_in_metadata(metadata) or recipe_of_folder(uploads, name)


def is_made_by_plantain(metadata: Mapping[str, str]) -> bool:
    """Returns True for a copy of a result: copies keep the custom metadata that Plantain wrote."""
    return any(key.lower() == paths.MADE_BY for key in metadata)


def request_for_upload(fields: dict[str, Any], upload: ImageInput) -> JobRequest:
    """Returns the request that ``fields`` make of the uploaded picture. Raises InvalidRequest or a more exact
    error.
    """
    if fields.get("dry_run"):
        raise InvalidRequest("An upload cannot be a dry run.", field="dry_run")
    references = fields.get("images") or []
    if not isinstance(references, list):
        raise InvalidRequest("images must be a list.", field="images")
    picture = upload.model_dump(exclude_none=True)
    return parse_model(JobRequest, {"task": "edit", **fields, "images": [picture, *references]})


def instruction_in_metadata(metadata: Mapping[str, str]) -> dict[str, Any]:
    """Returns the unvalidated fields in the object's own metadata; empty when it has no instruction.

    Plantain writes no ``plantain-`` key but its own mark, which is no instruction: a result has none. Raises
    InvalidRequest for text that must be JSON and is not.
    """
    fields: dict[str, Any] = {}
    for key, text in metadata.items():
        if key.lower().startswith(paths.INSTRUCTION) and key.lower() != paths.MADE_BY:
            field = key.lower().removeprefix(paths.INSTRUCTION).replace("-", "_")
            if field not in JobRequest.model_fields:
                raise InvalidRequest(f"A request has no field {field[:80]}: see docs/api.md.", field=key[:80])
            fields[field] = text if field in _TEXTS else _parse_value(key, text)
    return fields


def _parse_value(key: str, text: str) -> Any:
    try:
        return parse_json(text.encode(errors="replace"), NO_FILES)
    except InvalidRequest:
        raise InvalidRequest(f"The metadata {key[:80]} must be JSON.", field=key[:80]) from None


def recipe_of_folder(uploads: Bucket, name: str) -> dict[str, Any] | None:
    """Returns the nearest recipe, from the object's own folder upwards; None when there is none.

    Raises InvalidRequest for a recipe that cannot be read, and Transient.
    """
    folder = name
    for _ in range(_MAX_FOLDERS):
        folder = folder.rpartition("/")[0]
        if not folder:
            return None
        recipe = paths.recipe_for(f"{folder}/")
        if recipe is not None and (data := _fetch_recipe(uploads, recipe)) is not None:
            return _parse_recipe(recipe, data)
    return None


def _fetch_recipe(uploads: Bucket, recipe: str) -> bytes | None:
    """Reads the recipe, or returns None. The look-up comes first: an object under this name may
    have any size.
    """
    try:
        if uploads.stat(recipe).size > MAX_RECIPE:
            raise InvalidRequest(f"The recipe {recipe} has more than {MAX_RECIPE:,} bytes.")
        return uploads.get(recipe).data
    except NotFound:
        return None


def _parse_recipe(recipe: str, data: bytes) -> dict[str, Any]:
    try:
        return parse_json_object(data)
    except PlantainError as error:
        raise InvalidRequest(f"The recipe {recipe} cannot be read. {error.message}") from None
