"""The reader: what a picture's content credentials claim, and how far the claims are valid and trusted."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import c2pa

from worker.credentials.c2pa_toolkit import NO_CREDENTIALS, TrustAnchors, toolkit_context

__all__ = [
    "ActionReport",
    "CredentialsReport",
    "SoftBindingReport",
    "TrustAnchors",
    "read_credentials",
]

# Validation codes of the C2PA specification 2.2, section 15.2.
_SIGNED = "claimSignature.validated"
_UNTRUSTED = "signingCredential.untrusted"
_TRUSTED = "signingCredential.trusted"
_TIME_TRUSTED = "timeStamp.trusted"
_CHANGED = (".mismatch", "assertion.missing", "assertion.undeclared")
_UNREADABLE = "plantain.unreadable"  # our own code: the toolkit gives none here
_OURS = re.compile(r"(?P<version>[0-9]{1,3})\*(?P<payload>[0-9a-f]{16})")  # the format of claims.py
_JUMBF = b"jumb"  # the box type of every manifest, in every format


@dataclass(frozen=True)
class ActionReport:
    """One action: ``name`` such as ``c2pa.created``, ``source_type`` an IPTC address."""

    name: str
    when: datetime | None = None
    source_type: str | None = None
    software_agent: str | None = None


@dataclass(frozen=True)
class SoftBindingReport:
    """The watermark that the credentials claim: its scheme and its payload."""

    scheme: str
    payload: str | None  # 16 hexadecimal digits; None in another format than ours
    key_version: int | None


@dataclass(frozen=True)
class CredentialsReport:
    """The result of ``read_credentials``. Without credentials only ``present`` has a meaning.

    | field             | meaning                                                                        |
    |-------------------|--------------------------------------------------------------------------------|
    | signature_valid   | the claim is what its signer signed                                            |
    | altered           | the picture or an assertion differs from what was signed, or is unreadable     |
    | trusted           | the signer's chain ends in a trusted root; None if no roots were given         |
    | by_us             | it is trusted, and the signer is one of our organisations                      |
    | signed_at         | the time stamp authority's time; None without a time stamp                     |
    | time_trusted      | the authority's chain ends in a trusted root; None if no roots were given      |

    The claims (``actions``, ``soft_binding`` …) count only if nothing was altered.
    """

    present: bool
    signature_valid: bool | None = None
    trusted: bool | None = None
    altered: bool | None = None
    by_us: bool = False
    issuer: str | None = None  # the signer's organisation
    algorithm: str | None = None  # as C2PA spells it: ES256, PS256 …
    signed_at: datetime | None = None
    time_trusted: bool | None = None
    claim_generator: str | None = None
    actions: tuple[ActionReport, ...] = ()
    soft_binding: SoftBindingReport | None = None
    codes: tuple[str, ...] = ()  # the specification's codes of failed validations
    label: str | None = None  # the active manifest's own name
    # From all manifests in the file, also those of its ingredients:
    signers: tuple[str | None, ...] = ()  # their signers' organisations
    ingredients: tuple[frozenset[str], ...] = ()  # each ingredient's fields, by name

    @property
    def holds(self) -> bool:
        """True if the signature is valid and nothing else failed; the trust in the signer does not count."""
        wrong = set(self.codes) - {_UNTRUSTED}
        return bool(self.signature_valid) and not self.altered and not wrong


def read_credentials(data: bytes, content_type: str, *, trust: TrustAnchors | None) -> CredentialsReport:
    """Reads the credentials in a file's bytes. Fetches nothing, and never raises.

    Args:
        data: a whole file.
        content_type: ``image/png``, ``image/jpeg``, ``image/webp``, ``image/avif``, ``image/tiff`` …
        trust: the trusted roots; with None, ``trusted`` is None.
    """
    try:
        with c2pa.Reader(content_type, BytesIO(data), context=toolkit_context(trust)) as reader:
            return _build_report(json.loads(reader.json()), trust)
    except NO_CREDENTIALS:
        return CredentialsReport(present=False)
    except c2pa.C2paError:
        if _JUMBF not in data:
            return CredentialsReport(present=False)
        return CredentialsReport(present=True, signature_valid=False, altered=True, codes=(_UNREADABLE,))


def _build_report(store: dict[str, Any], trust: TrustAnchors | None) -> CredentialsReport:
    label, manifests = store.get("active_manifest", ""), store.get("manifests", {})
    manifest, every = manifests.get(label, {}), _objects_in(list(manifests.values()))
    results = store.get("validation_results", {}).get("activeManifest", {})
    failures = tuple(found["code"] for found in results.get("failure", ()))
    successes = {found["code"] for found in results.get("success", ())}
    signature = manifest.get("signature_info") or {}
    trusted = None if trust is None else _TRUSTED in successes
    return CredentialsReport(
        present=True,
        signature_valid=_SIGNED in successes,
        trusted=trusted,
        by_us=trust is not None and bool(trusted) and signature.get("issuer") in trust.ours,
        altered=any(code.endswith(_CHANGED) for code in failures),
        issuer=signature.get("issuer"),
        algorithm=str(signature.get("alg", "")).upper() or None,
        signed_at=_parse_instant(signature.get("time")),
        time_trusted=None if trust is None or not signature.get("time") else _TIME_TRUSTED in successes,
        claim_generator=_claim_generator(manifest),
        actions=tuple(_action_reports(manifest)),
        soft_binding=_soft_binding_report(manifest),
        codes=failures,
        label=label or None,
        signers=tuple((each.get("signature_info") or {}).get("issuer") for each in every),
        ingredients=tuple(
            frozenset(found) for each in every for found in _objects_in(each.get("ingredients"))
        ),
    )


def _assertion_data(manifest: dict[str, Any], label: str) -> list[dict[str, Any]]:
    found = _objects_in(manifest.get("assertions"))
    return _objects_in([each.get("data") for each in found if str(each.get("label")).startswith(label)])


def _action_reports(manifest: dict[str, Any]) -> list[ActionReport]:
    return [
        ActionReport(
            name=str(action.get("action")),
            when=_parse_instant(action.get("when")),
            source_type=_text_or_none(action.get("digitalSourceType")),
            software_agent=_agent_name(action.get("softwareAgent")),
        )
        for assertion in _assertion_data(manifest, "c2pa.actions")
        for action in _objects_in(assertion.get("actions"))
    ]


def _soft_binding_report(manifest: dict[str, Any]) -> SoftBindingReport | None:
    for assertion in _assertion_data(manifest, "c2pa.soft-binding"):
        for block in _objects_in(assertion.get("blocks")):
            ours = _OURS.fullmatch(_text_or_none(block.get("value")) or "")
            return SoftBindingReport(
                scheme=_text_or_none(assertion.get("alg")) or "",
                payload=ours["payload"] if ours else None,
                key_version=int(ours["version"]) if ours else None,
            )
    return None


def _claim_generator(manifest: dict[str, Any]) -> str | None:
    named = [_agent_name(each) for each in _objects_in(manifest.get("claim_generator_info"))]
    return next(filter(None, named), _text_or_none(manifest.get("claim_generator")))


def _agent_name(agent: Any) -> str | None:
    """Returns an agent's name: a string in version 1 of the assertion, a name and version in version 2."""
    if isinstance(agent, dict):
        return " ".join(filter(None, (_text_or_none(agent.get("name")), _text_or_none(agent.get("version")))))
    return _text_or_none(agent)


# Another signer's claims may have any shape: the toolkit checks only a part of them.


def _objects_in(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text_or_none(found: Any) -> str | None:
    return found if isinstance(found, str) else None


def _parse_instant(found: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        return None
