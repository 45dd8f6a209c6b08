"""The C2PA toolkit's settings: it fetches nothing that a picture refers to, and makes no thumbnails."""

from __future__ import annotations

from dataclasses import dataclass

import c2pa

_VERIFY = {
    "remote_manifest_fetch": False,  # a caller's picture must not make the worker call an address
    "ocsp_fetch": False,
    "verify_after_sign": False,  # the sealer reads back what it signed, and checks more
}
_BUILDER = {"thumbnail": {"enabled": False}}  # saves 0.8 s at 4096²


# The toolkit adds its error types to their base class at import, where type checkers do not see them.
NO_CREDENTIALS: tuple[type[c2pa.C2paError], ...] = tuple(
    getattr(c2pa.C2paError, kind) for kind in ("ManifestNotFound", "NotSupported")
)


@dataclass(frozen=True)
class TrustAnchors:
    """The trusted roots (concatenated PEM), and the organisations that are ours.

    A root may issue certificates to many organisations, so a trusted signer is not always ours.
    """

    pem: str
    ours: frozenset[str] = frozenset()

    def __or__(self, other: TrustAnchors) -> TrustAnchors:
        return TrustAnchors(f"{self.pem.rstrip()}\n{other.pem}", self.ours | other.ours)


def toolkit_context(trust: TrustAnchors | None = None) -> c2pa.Context:
    """Returns the toolkit's context; without ``trust`` it does not check the signer's root."""
    settings: dict[str, object] = {
        "verify": {**_VERIFY, "verify_trust": trust is not None},
        "builder": _BUILDER,
    }
    if trust is not None:
        settings["trust"] = {"user_anchors": trust.pem}
    return c2pa.Context(c2pa.Settings.from_dict(settings))
