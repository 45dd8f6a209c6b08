"""Ingredients: the pictures that another was made from, with the credentials that they came with.

An ingredient is packed as soon as its file is there, because the rest of the line needs the pixels only: the
pack has the file's own credentials and what validating them has found, and is a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import c2pa
from PIL import Image

from functions.contract.log import log
from functions.contract.pictures import FORMATS, TWO_VIEWS
from functions.contract.tasks import WITHOUT_PICTURES

from .sources import has_parent
from .toolkit import context

# A caller's file brings credentials of any length along, and all of them go into every picture made from it.
MAX_BYTES = 8 << 20


def ingredient_label(n: int) -> str:
    return f"plantain-input-{n}"


def pack_ingredients(files: Sequence[bytes], task: str) -> tuple[bytes, ...]:
    """All inputs of a task for ``Sealer.seal``; of one that makes no picture, none. The files must decode."""
    if task in WITHOUT_PICTURES:
        return ()
    parent = has_parent(task)
    return tuple(pack_ingredient(file, n, parent=parent and n == 0) for n, file in enumerate(files))


def pack_ingredient(data: bytes, n: int, *, parent: bool) -> bytes:
    """The ``n``-th input: the one that is changed (``parent``), or one that is looked at.

    Credentials that are damaged, or longer than MAX_BYTES, are left out; so are those of formats that the
    toolkit does not read. Nothing that they name is fetched. Titles are our own: file names may be private.
    """
    content_type = _content_type(data)
    facts = {
        "title": "Picture that was changed" if parent else "Reference picture",
        "format": content_type,
        "relationship": "parentOf" if parent else "inputTo",
        "label": ingredient_label(n),
    }
    try:
        packed = _with_credentials(data, content_type, facts)
        if len(packed) <= MAX_BYTES:
            return packed
        log("ingredient.credentials_too_long", "WARNING", bytes=len(packed))
    except c2pa.C2paError:
        log("ingredient.credentials_unreadable", "WARNING", content_type=content_type)
    with c2pa.Builder({"ingredients": [facts]}, context()) as builder:
        return _pack(builder, facts)


def _with_credentials(data: bytes, content_type: str, facts: dict[str, str]) -> bytes:
    with c2pa.Builder({}, context()) as builder:
        builder.add_ingredient(facts, content_type, BytesIO(data))
        return _pack(builder, facts)


def _pack(builder: c2pa.Builder, facts: dict[str, str]) -> bytes:
    packed = BytesIO()
    builder.write_ingredient_archive(facts["label"], packed)
    return packed.getvalue()


def _content_type(data: bytes) -> str:
    with Image.open(BytesIO(data), formats=tuple(FORMATS)) as image:
        return "image/jpeg" if image.format == TWO_VIEWS else f"image/{FORMATS[image.format or '']}"
