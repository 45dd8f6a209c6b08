"""Ingredients: the pictures that a result was made from, and what it carries of their credentials.

| the input's credentials                    | what the result carries of them                              |
|--------------------------------------------|--------------------------------------------------------------|
| complete, and all signed by us             | all: ours name no place, device, person or file              |
| complete, and signed by others             | only the facts of ``ingredient_allow_list``                  |
| damaged, altered or longer than MAX_BYTES  | only that they are not valid                                 |
| longer than what other inputs left         | only that they are not valid                                 |

With ``IngredientPolicy.everything`` the first row applies to all readable credentials.

An ingredient is packed as soon as its file is loaded, because the later stages need only the pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

# The size of a caller's credentials is unlimited, and every result made from the file would carry them.
MAX_BYTES = 8 << 20
MAX_BYTES_TOGETHER = 16 << 20  # of all inputs of a job: each of its pictures carries them

# The fields of an ingredient in our own manifests, as the toolkit names them when it reads.
_CARRIED = frozenset(
    (
        *("title", "format", "relationship", "label", "description", "metadata"),
        *("active_manifest", "manifest_data", "validation_results", "validation_status"),
    )
)


@dataclass(frozen=True)
class IngredientPolicy:
    """The policy for what a result carries of its inputs' credentials.

    ``everything``: all of them, with places, serial numbers, file names and thumbnails. ``trust``: the
    organisations that are ours; None: there are none.
    """

    everything: bool = False
    trust: TrustAnchors | None = None


FACTS_ONLY = IngredientPolicy()


def ingredient_label(n: int) -> str:
    return f"plantain-input-{n}"


def pack_ingredients(
    files: Sequence[bytes], task: str, policy: IngredientPolicy = FACTS_ONLY
) -> tuple[bytes, ...]:
    """Packs all inputs of a task for ``Sealer.seal``; none if the task makes no picture.

    The files must be decodable pictures.
    """
    if task in WITHOUT_PICTURES:
        return ()
    parent = has_parent(task)
    packed: list[bytes] = []
    for n, file in enumerate(files):
        packed.append(pack_ingredient(file, n, parent and n == 0, policy, room=room_beside(packed)))
    return tuple(packed)


def room_beside(packed: Iterable[bytes]) -> int:
    """Returns the bytes that further ingredients may take beside those that are packed."""
    return MAX_BYTES_TOGETHER - sum(map(len, packed))


def pack_ingredient(
    data: bytes,
    n: int,
    is_parent: bool = False,
    policy: IngredientPolicy = FACTS_ONLY,
    *,
    room: int = MAX_BYTES_TOGETHER,
) -> bytes:
    """Packs the ``n``-th input: the picture that is changed (``is_parent``), or a reference.

    Credentials of more than ``room`` bytes are left out. Fetches nothing that the file refers to. Titles are
    our own, because file names may be private.
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
        whole = _pack_with_credentials(data, content_type, about, min(room, MAX_BYTES))
        return whole or _pack_described({**about, **unusable_credentials_facts()})
    return _pack_described({**about, **select_ingredient_facts(data, found)})


def _is_ours_throughout(found: CredentialsReport, policy: IngredientPolicy) -> bool:
    """Returns True if we signed all of the file's manifests and their ingredients have only our fields.

    Results of Plantain from before the allow list contain ids from an input's XMP, in other fields.
    """
    ours = policy.trust.ours if policy.trust else frozenset[str]()
    signed_by_us = found.holds and found.by_us and all(signer in ours for signer in found.signers)
    return signed_by_us and all(_has_only_our_fields(fields) for fields in found.ingredients)


def _has_only_our_fields(fields: frozenset[str]) -> bool:
    """Returns True if an ingredient has only our own fields; with a manifest also that manifest's id."""
    return fields <= (_CARRIED | {"instance_id"} if "active_manifest" in fields else _CARRIED)


def _pack_with_credentials(data: bytes, content_type: str, about: dict[str, Any], most: int) -> bytes | None:
    """Packs the ingredient with its whole manifest store; None if that is damaged or has over ``most``
    bytes.
    """
    try:
        with c2pa.Builder({}, toolkit_context()) as builder:
            builder.add_ingredient(about, content_type, BytesIO(data))
            packed = _write_archive(builder, about)
    except c2pa.C2paError:
        log("ingredient.credentials_unreadable", "WARNING", content_type=content_type)
        return None
    if len(packed) > most:
        log("ingredient.credentials_too_long", "WARNING", bytes=len(packed))
        return None
    return packed


def _pack_described(about: dict[str, Any]) -> bytes:
    """Packs the ingredient as ``about`` describes it.

    The toolkit does not get the file, because it would read ids from its XMP.
    """
    with c2pa.Builder({"ingredients": [about]}, toolkit_context()) as builder:
        return _write_archive(builder, about)


def _write_archive(builder: c2pa.Builder, about: dict[str, Any]) -> bytes:
    packed = BytesIO()
    builder.write_ingredient_archive(about["label"], packed)
    return packed.getvalue()
