"""The ingredient allow list: the facts that a result states about an input's content credentials.

A manifest is signed as a whole, so it cannot be shortened. C2PA allows redaction of assertions (technical
specification 2.4, 6.8), but not of actions, of the title and the device in a claim, or of a camera's
certificate with its serial number. So a result carries no manifest of another signer. It states these facts
instead, under our own signature.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from worker.credentials.credentials_reader import CredentialsReport

FACTS_FIELD = "org.plantain.credentials"  # the field of the ingredient's metadata
MAX_ISSUER = 100  # characters
MAX_ACTIONS = 32

# C2PA technical specification 2.4, 18.15.2. Any other name may contain private text, such as a person's name.
_ACTIONS = frozenset(
    f"c2pa.{name}"
    for name in (
        *(
            "addedText",
            "adjustedColor",
            "changedSpeed",
            "color_adjustments",
            "converted",
            "copied",
            "created",
        ),
        *("cropped", "deleted", "drawing", "dubbed", "edited", "edited.metadata", "enhanced", "filtered"),
        *("formatted", "managed", "moved", "opened", "orientation", "placed", "printed", "produced"),
        *("published", "redacted", "removed", "repackaged", "resized", "resized.proportional", "saved"),
        *("transcoded", "translated", "transformed", "trimmed", "unknown"),
        *("watermarked", "watermarked.bound", "watermarked.unbound"),
    )
)
# https://cv.iptc.org/newscodes/digitalsourcetype/, and the two that C2PA adds.
_SOURCE_TYPES = frozenset(
    (
        *(
            "algorithmicMedia",
            "algorithmicallyEnhanced",
            "composite",
            "compositeCapture",
            "compositeSynthetic",
        ),
        *("compositeWithTrainedAlgorithmicMedia", "computationalCapture", "dataDrivenMedia", "digitalArt"),
        *("digitalCapture", "digitalCreation", "empty", "humanEdits", "minorHumanEdits", "multiFrameCapture"),
        *("negativeFilm", "positiveFilm", "print", "screenCapture", "softwareImage"),
        *("trainedAlgorithmicData", "trainedAlgorithmicMedia", "virtualRecording"),
    )
)
_SOURCE_TYPE = re.compile(
    r"https?://(?:cv\.iptc\.org/newscodes|c2pa\.org)/digitalsourcetype/(?P<name>[A-Za-z]+)"
)


def select_ingredient_facts(data: bytes, found: CredentialsReport) -> dict[str, Any]:
    """Returns an ingredient's fields for the credentials in its file; without credentials, no fields.

    ``description`` is for people and ``metadata`` for programs: the signer's organisation and whether we
    trust its root, the kinds of action, the digital source types and the file's SHA-256. They contain nothing
    else of the file's credentials.
    """
    if not found.present:
        return {}
    if not found.holds:
        return unusable_credentials_facts()
    issuer = _printable_issuer(found)
    facts = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "issuer": issuer,
        "trusted": found.trusted,
        "actions": _action_kinds(found),
        "digitalSourceTypes": _source_types(found),
    }
    return {
        "description": f"Its own content credentials held. Their signer calls itself {issuer or 'nothing'}.",
        "metadata": {FACTS_FIELD: {name: value for name, value in facts.items() if value}},
    }


def unusable_credentials_facts() -> dict[str, Any]:
    """Returns the fields of an ingredient whose credentials are invalid or cannot be carried."""
    return {"description": "Its own content credentials did not hold, or could not be carried along."}


def _printable_issuer(found: CredentialsReport) -> str | None:
    shown = "".join(letter for letter in found.issuer or "" if letter.isprintable())
    return shown[:MAX_ISSUER] or None


def _action_kinds(found: CredentialsReport) -> list[str]:
    return [action.name for action in found.actions if action.name in _ACTIONS][:MAX_ACTIONS]


def _source_types(found: CredentialsReport) -> list[str]:
    matches = [_SOURCE_TYPE.fullmatch(action.source_type or "") for action in found.actions]
    return sorted({match["name"] for match in matches if match and match["name"] in _SOURCE_TYPES})
