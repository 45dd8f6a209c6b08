"""The verdict: what all the evidence comes to, in one word and one sentence.

The signature proves the most, so it is asked first; then the delivered file, where it is still kept; then the
mark, which survives what the other two do not; then the file's handwriting, which proves nothing.
"""

from __future__ import annotations

from typing import Literal

from functions.contract.manifest import CredentialsSeen, VerificationFacts, VerificationVerdict
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
        "This is a picture of ours, but nothing shows that its content credentials are: somebody may have "
        "signed it after it had left."
    ),
    "mismatched": (
        "Its content credentials say that this is a picture of ours, and nothing proves it: they belong to "
        "another picture, or too little of this one is left."
    ),
    "foreign": "Nothing shows that this is a picture of ours.",
}


def conclude_verdict(seen: Examination, origin: PictureOrigin | None = None) -> VerificationFacts:
    """The verdict on an examined file.

    Args:
        origin: what the table of marks knows of the payload; None where it was not asked or knows nothing.
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
    """Whether they claim to be, whichever version of the scheme they name.

    Anybody may write so: only our own signature proves it.
    """
    said = credentials.soft_binding
    return (
        said is not None
        and said.payload is not None
        and _scheme_family(said.scheme) == _scheme_family(Watermarker.scheme)
    )


def _scheme_family(scheme: str) -> str:
    """``plantain`` of ``plantain-1``."""
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
    """What a stranger's own credentials say of the stranger's picture."""
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
