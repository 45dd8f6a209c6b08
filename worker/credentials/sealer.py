"""The sealer: it signs a finished file, reads its credentials back and rejects it if they are not valid."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import c2pa

from functions.contract.errors import CredentialsFailed, PlantainError, SignerUnavailable
from functions.contract.manifest import CredentialsFacts
from functions.contract.telemetry.log import log
from worker.credentials.c2pa_toolkit import toolkit_context
from worker.credentials.claims import action_names
from worker.credentials.credentials_reader import CredentialsReport, read_credentials
from worker.credentials.signer import Signer


class Sealer:
    """Puts content credentials into files. Several threads may share it.

    Args:
        signer: signs the claims.
        time_stamp_authority: the address of an RFC 3161 authority; None adds no time stamp.
    """

    def __init__(self, signer: Signer, time_stamp_authority: str | None = None) -> None:
        self._signer = signer
        self._authority = time_stamp_authority

    def seal(
        self, data: bytes, content_type: str, claims: dict[str, Any], ingredients: Sequence[bytes] = ()
    ) -> tuple[bytes, CredentialsFacts]:
        """Returns the file with its credentials, which were read back and are valid, and facts about them.

        Args:
            data: a PNG, JPEG, WebP or AVIF; its pixels and metadata do not change.
            claims: as ``claims.define_claims`` makes them.
            ingredients: from ``pack_ingredient``, in the order of the claims.

        Raises:
            CredentialsFailed: the signature was refused, or the credentials are not valid.
            SignerUnavailable: the signer or the time stamp authority does not answer.
        """
        sealed = self._sign_file(data, content_type, claims, ingredients)
        found = read_credentials(sealed, content_type, trust=None)
        self._check_credentials(found, claims)
        return sealed, credentials_facts(found)

    def _sign_file(
        self, data: bytes, content_type: str, claims: dict[str, Any], ingredients: Sequence[bytes]
    ) -> bytes:
        call, sealed = _SigningCall(self._signer), BytesIO()
        try:
            with (
                c2pa.Builder(claims, toolkit_context()) as builder,
                c2pa.Signer.from_callback(
                    call.sign, self._signer.algorithm, self._signer.chain.pem, self._authority
                ) as signer,
            ):
                for ingredient in ingredients:
                    builder.add_ingredient_from_archive(BytesIO(ingredient))
                builder.sign(signer, content_type, BytesIO(data), sealed)
        except c2pa.C2paError as error:
            raise self._explain_failure(error, call) from error
        return sealed.getvalue()

    def _explain_failure(self, error: c2pa.C2paError, call: _SigningCall) -> PlantainError:
        """Finds the cause: the toolkit hides its callback's errors and has no type for an authority's."""
        log("credentials.failed", "ERROR", reason=str(error))
        if call.error is not None:
            return call.error
        if call.signed and self._authority:
            return SignerUnavailable("The time stamp authority does not answer as RFC 3161 asks.")
        return CredentialsFailed("The file cannot carry the content credentials.")

    def _check_credentials(self, found: CredentialsReport, claims: dict[str, Any]) -> None:
        actions = [action.name for action in found.actions]
        if not found.holds or actions != action_names(claims):
            log("credentials.do_not_hold", "ERROR", codes=list(found.codes), actions=actions)
            raise CredentialsFailed(
                "The content credentials were signed and do not hold when they are read back "
                f"({', '.join(found.codes) or 'they say something else'})."
            )


def credentials_facts(found: CredentialsReport) -> CredentialsFacts:
    """Returns the facts about valid credentials for a job's manifest."""
    return CredentialsFacts(
        manifest=found.label or "",
        issuer=found.issuer,
        algorithm=found.algorithm or "",
        actions=tuple(action.name for action in found.actions),
        time_stamped=found.signed_at,
    )


class _SigningCall:
    """One call of the signer, with the error that the toolkit would hide."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.signed = False
        self.error: PlantainError | None = None

    def sign(self, data: bytes) -> bytes:
        try:
            signature = self._signer.sign(data)
        except PlantainError as error:
            self.error = error
            raise
        self.signed = True
        return signature
