"""Earlier files: what another attempt at the job has signed and left in the bucket.

Attempts draw the same pixels, and yet no two signatures are alike. The first file that stands is used, so
that what was drawn twice has one name, whichever attempt commits its manifest.
"""

from __future__ import annotations

from functions.contract.errors import PlantainError
from functions.contract.manifest import CredentialsFacts
from worker.credentials.credentials_reader import CredentialsReport, read_credentials
from worker.credentials.sealer import facts_of
from worker.pictures.decode import decode


def stands_for(earlier: bytes, ours: bytes, content_type: str) -> CredentialsFacts | None:
    """The earlier file's credentials, if it is the same picture and says the same of it; or None."""
    found, meant = (read_credentials(file, content_type, trust=None) for file in (earlier, ours))
    return facts_of(found) if found.holds and _said(found) == _said(meant) and _same(earlier, ours) else None


def _said(report: CredentialsReport) -> tuple[object, ...]:
    done = [(action.name, action.source_type, action.software_agent) for action in report.actions]
    return report.issuer, report.soft_binding, done, report.signers, report.ingredients


def _same(earlier: bytes, ours: bytes) -> bool:
    try:
        first, second = decode(earlier), decode(ours)
    except PlantainError:
        return False
    return first.rgb.shape == second.rgb.shape and bool((first.rgb == second.rgb).all())
