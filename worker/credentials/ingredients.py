"""Ingredients: the pictures that another was made from, and what is said of the credentials they came with.

| the input's credentials                    | what the result carries of them                              |
|--------------------------------------------|--------------------------------------------------------------|
| whole, and all of them signed by us        | all: our own name no place, device, person or file           |
| whole, and signed by others                | the facts of ``ingredient_allow_list``, and nothing else     |
| damaged, altered or longer than MAX_BYTES  | nothing but that they do not hold                            |

With ``IngredientPolicy.everything`` the first row counts for all that can be read.

An ingredient is packed as soon as its file is there, because the rest of the line needs the pixels only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import c2pa

from functions.contract.tasks import WITHOUT_PICTURES
from functions.contract.telemetry.log import log
from worker.credentials.c2pa_toolkit import TrustAnchors, toolkit_context
from worker.credentials.credentials_reader import CredentialsReport, read_credentials
from worker.credentials.digital_source_types import has_parent
from worker.credentials.ingredient_allow_list import select_ingredient_facts, unusable_credentials_facts
from worker.pictures.media_type import media_type

# A caller's file brings credentials of any length along, and all of them go into every picture made from it.
MAX_BYTES = 8 << 20

# What our own manifests say of an ingredient, as the toolkit names it when it reads them.
_CARRIED = frozenset(
    (
        *("title", "format", "relationship", "label", "description", "metadata"),
        *("active_manifest", "manifest_data", "validation_results", "validation_status"),
    )
)


@dataclass(frozen=True)
class IngredientPolicy:
    """What a result carries of the credentials that its inputs came with.

    ``everything``: all of it, places, serial numbers, file names and thumbnails too. ``trust``: who is ours;
    None: nobody is.
    """

    everything: bool = False
    trust: TrustAnchors | None = None


FACTS_ONLY = IngredientPolicy()


def ingredient_label(n: int) -> str:
    return f"plantain-input-{n}"


def pack_ingredients(
    files: Sequence[bytes], task: str, policy: IngredientPolicy = FACTS_ONLY
) -> tuple[bytes, ...]:
    """All inputs of a task for ``Sealer.seal``; of one that makes no picture, none. The files must decode."""
    if task in WITHOUT_PICTURES:
        return ()
    parent = has_parent(task)
    return tuple(pack_ingredient(file, n, parent and n == 0, policy) for n, file in enumerate(files))


def pack_ingredient(
    data: bytes, n: int, is_parent: bool = False, policy: IngredientPolicy = FACTS_ONLY
) -> bytes:
    """The ``n``-th input: the one that is changed (``is_parent``), or one that is looked at.

    Nothing that the file names is fetched. Titles are our own: file names may be private.
    """
    content_type = media_type(data)
    about: dict[str, Any] = {
        "title": "Picture that was changed" if is_parent else "Reference picture",
        "format": content_type,
        "relationship": "parentOf" if is_parent else "inputTo",
        "label": ingredient_label(n),
    }
    found = read_credentials(data, content_type, trust=policy.trust)
    if policy.everything or _is_ours_throughout(found, policy):
        whole = _pack_with_credentials(data, content_type, about)
        return whole or _pack_described({**about, **unusable_credentials_facts()})
    return _pack_described({**about, **select_ingredient_facts(data, found)})


def _is_ours_throughout(found: CredentialsReport, policy: IngredientPolicy) -> bool:
    """True if we signed the file's own manifest and every one that it refers to, and none names an input.

    Results of Plantain before its allow list name the ids that an input's XMP had, in fields of their own.
    """
    ours = policy.trust.ours if policy.trust else frozenset[str]()
    signed_by_us = found.holds and found.by_us and all(signer in ours for signer in found.signers)
    return signed_by_us and all(_has_only_our_fields(fields) for fields in found.ingredients)


def _has_only_our_fields(fields: frozenset[str]) -> bool:
    """True if an ingredient has only fields that our own have. With a manifest, its id is that one's."""
    return fields <= (_CARRIED | {"instance_id"} if "active_manifest" in fields else _CARRIED)


def _pack_with_credentials(data: bytes, content_type: str, about: dict[str, Any]) -> bytes | None:
    """The ingredient with its whole manifest store, or None if that is damaged or too long."""
    try:
        with c2pa.Builder({}, toolkit_context()) as builder:
            builder.add_ingredient(about, content_type, BytesIO(data))
            packed = _write_archive(builder, about)
    except c2pa.C2paError:
        log("ingredient.credentials_unreadable", "WARNING", content_type=content_type)
        return None
    if len(packed) > MAX_BYTES:
        log("ingredient.credentials_too_long", "WARNING", bytes=len(packed))
        return None
    return packed


def _pack_described(about: dict[str, Any]) -> bytes:
    """The ingredient as ``about`` describes it.

    The toolkit is not shown the file: it would read ids in its XMP.
    """
    with c2pa.Builder({"ingredients": [about]}, toolkit_context()) as builder:
        return _write_archive(builder, about)


def _write_archive(builder: c2pa.Builder, about: dict[str, Any]) -> bytes:
    packed = BytesIO()
    builder.write_ingredient_archive(about["label"], packed)
    return packed.getvalue()
