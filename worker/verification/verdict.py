"""The verdict: the conclusion from all evidence, in one word and one sentence.

The evidence counts in this order:

1. the signature, which proves the most;
2. the delivered file, if it is still stored;
3. the watermark, which survives what the other two do not;
4. the traces of the file's encoder, which prove nothing by themselves.
"""

from __future__ import annotations

from typing import Literal

from functions.contract.verification import CredentialsSeen, VerificationFacts, VerificationVerdict
from worker.credentials.credentials_reader import CredentialsReport
from worker.verification.examiner import Examination
from worker.verification.picture_origin import PictureOrigin
from worker.watermark import Watermarker

Altered = Literal["no", "yes", "unknown"]

SUMMARIES: dict[VerificationVerdict, str] = {
    "untouched": "This is a picture of ours, exactly as it was delivered.",
    "tampered": "This is a picture of ours, and it was changed after it was signed.",
    "stripped": (
        "This is a picture of ours without its content credentials; nothing shows that it was changed "
        "otherwise."
    ),
    "copy": (
        "This is a copy of a picture of ours: written anew and without its content credentials, as "
        "screenshots and conversions are."
    ),
    "unsigned": (
        "This is a picture of ours without content credentials; the file alone does not tell whether it was "
        "changed."
    ),
    "resigned": (
        "This is a picture of ours, but nothing shows that its content credentials are ours: another party "
        "may have signed it after delivery."
    ),
    "mismatched": (
        "Its content credentials say that this is a picture of ours, and nothing proves it: they belong to "
        "another picture, or too little of this one is left."
    ),
    "foreign": "Nothing shows that this is a picture of ours.",
}


def conclude_verdict(seen: Examination, origin: PictureOrigin | None = None) -> VerificationFacts:
    """Returns the verdict on an examined file.

    Args:
        origin: from the watermark index; None if the index was not asked or does not know the payload.
    """
    verdict, altered = _judge(seen, origin)
    told = origin if origin is not None and origin.is_askers else None
    return VerificationFacts(
        ours=verdict not in ("mismatched", "foreign"),
        verdict=verdict,
        summary=SUMMARIES[verdict],
        altered=altered,
        confidence=round(seen.mark.score, 4) if seen.mark else 0.0,
        payload=seen.payload,
        key_version=seen.mark.key_version if seen.mark else None,
        flipped=seen.mark.flipped if seen.mark else False,
        turned=seen.mark.turned if seen.mark else 0,
        credentials=_credentials_seen(seen.credentials),
        frames=seen.frames,
        job_id=told.job_id if told else None,
        image=told.n if told else None,
        made=told.made if told else None,
        deleted=told.deleted if told else None,
    )


def _judge(seen: Examination, origin: PictureOrigin | None) -> tuple[VerificationVerdict, Altered]:
    if origin is not None and origin.same_file:
        return "untouched", "no"
    if not seen.credentials.present:
        return _without_credentials(seen, origin)
    if _claim_to_be_ours(seen.credentials):
        return _with_our_credentials(seen, origin)
    if seen.mark is not None:
        return "resigned", "yes"
    return "foreign", _altered_as_signed(seen.credentials)


def _claim_to_be_ours(credentials: CredentialsReport) -> bool:
    """Returns True if the credentials claim a watermark of ours, of any version of the scheme.

    Any signer can claim this: only our own signature proves it.
    """
    soft_binding = credentials.soft_binding
    return (
        soft_binding is not None
        and soft_binding.payload is not None
        and _scheme_family(soft_binding.scheme) == _scheme_family(Watermarker.scheme)
    )


def _scheme_family(scheme: str) -> str:
    """Returns ``plantain`` for ``plantain-1``."""
    return scheme.rpartition("-")[0]


def _with_our_credentials(
    seen: Examination, origin: PictureOrigin | None
) -> tuple[VerificationVerdict, Altered]:
    report = seen.credentials
    holds = report.signature_valid is True
    if not holds or report.altered or seen.damaged:
        proven = seen.mark is not None or (holds and report.by_us and not seen.readable)
        return ("tampered" if proven else "mismatched"), "yes"
    if report.by_us:
        return (
            ("tampered", "yes") if origin is not None and origin.same_pixels is False else ("untouched", "no")
        )
    return ("resigned", "unknown") if seen.mark is not None else ("mismatched", "unknown")


def _without_credentials(
    seen: Examination, origin: PictureOrigin | None
) -> tuple[VerificationVerdict, Altered]:
    if seen.mark is None:
        return "foreign", "unknown"
    if origin is not None and origin.same_pixels is not None:
        return ("stripped", "no") if origin.same_pixels else ("copy", "yes")
    if seen.mark.flipped or seen.mark.turned or seen.damaged or seen.encoder == "lossy":
        return "copy", "yes"
    if seen.encoder == "other":
        return "copy", "unknown"
    return ("stripped" if seen.encoder == "ours" else "unsigned"), "unknown"


def _altered_as_signed(credentials: CredentialsReport) -> Altered:
    """Returns whether a picture of another party was altered, as its own credentials show."""
    if not credentials.signature_valid:
        return "unknown"
    return "yes" if credentials.altered else "no"


def _credentials_seen(report: CredentialsReport) -> CredentialsSeen:
    if not report.present:
        return CredentialsSeen(present=False)
    return CredentialsSeen(
        present=True,
        signature_valid=report.signature_valid,
        trusted=report.trusted,
        altered=report.altered,
        issuer=report.issuer,
        signed_at=report.signed_at,
        claim_generator=report.claim_generator,
        actions=tuple(action.name for action in report.actions),
        problems=report.codes,
    )
