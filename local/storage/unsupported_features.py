"""The features of Cloud Storage that this server lacks: each is refused by name, never silently ignored.

Properties that Cloud Storage does not have either are refused as unknown. Unknown parameters get no separate
error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local.storage.errors import InvalidValue, UnsupportedFeature


def _split_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PARAMETERS = _split_words(
    """$alt alt fields key prettyprint quotauser userip userproject access_token oauth_token trace project
    uploadtype upload_id upload_protocol name generation projection contentencoding
    ifgenerationmatch ifgenerationnotmatch ifmetagenerationmatch ifmetagenerationnotmatch
    ifsourcegenerationmatch ifsourcegenerationnotmatch ifsourcemetagenerationmatch
    ifsourcemetagenerationnotmatch sourcegeneration rewritetoken maxbytesrewrittenpercall prefix delimiter
    startoffset endoffset matchglob includetrailingdelimiter includefoldersasprefixes maxresults pagesize
    pagetoken versions returnpartialsuccess $.xgafv"""
)
_XML_PARAMETERS = _split_words(
    """upload_id uploads uploadid partnumber max-parts part-number-marker generation userproject key expires
    signature googleaccessid x-goog-signature x-goog-algorithm x-goog-credential x-goog-date x-goog-expires
    x-goog-signedheaders x-id response-content-type response-content-disposition response-content-encoding
    response-content-language response-cache-control response-expires"""
)
_TURNED_OFF = ("", "false", "0")
_DEFAULT_ACLS = {
    "predefinedacl": ("projectPrivate",),
    "predefineddefaultobjectacl": ("projectPrivate", "bucketOwnerFullControl"),
}
"""The values that the service gives a new bucket anyway; gcsfs sends them explicitly."""

_HEADERS = (
    "x-goog-encryption-",
    "x-goog-copy-source",
    "x-goog-acl",
    "x-goog-grant-",
    "x-goog-object-lock",
    "x-goog-tagging",
    "x-amz-",
)
_HARMLESS_HEADERS = frozenset({"x-amz-date", "x-amz-security-token", "x-amz-user-agent"})
"""Headers of S3's clients that name the sender and the time, and say nothing about the object."""

_OBJECT = _split_words(
    """kind id selfLink mediaLink name bucket generation metageneration contentType storageClass size md5Hash
    crc32c etag timeCreated updated timeDeleted timeStorageClassUpdated timeFinalized componentCount owner
    contentEncoding contentDisposition contentLanguage cacheControl metadata customTime temporaryHold
    eventBasedHold retentionExpirationTime softDeleteTime hardDeleteTime"""
)
_NOT_OF_OBJECT = _split_words("acl retention kmsKeyName customerEncryption contexts restoreToken")
BUCKET_PROPERTIES = _split_words(
    """kind id selfLink name projectNumber metageneration generation etag timeCreated updated owner location
    locationType customPlacementConfig storageClass rpo cors labels iamConfiguration versioning
    retentionPolicy defaultEventBasedHold satisfiesPZS satisfiesPZI project"""
)
"""A bucket's properties that have a value here."""
_NOT_OF_BUCKET = _split_words(
    """acl defaultObjectAcl encryption lifecycle autoclass website logging billing hierarchicalNamespace
    ipFilter objectRetention softDeletePolicy softDeleteTime hardDeleteTime"""
)
_COMPOSE = _split_words("kind destination sourceObjects")
_NOT_OF_COMPOSE = _split_words("deleteSourceObjects objectContexts")


def check_parameters(names: Mapping[str, str], *, xml: bool) -> None:
    """Raises UnsupportedFeature for a query parameter that would change the request's meaning."""
    known = _XML_PARAMETERS if xml else _PARAMETERS
    for name, value in names.items():
        plain = name.lower()
        if plain in known or value in _DEFAULT_ACLS.get(plain, ()):
            continue
        if xml or value.lower() not in _TURNED_OFF:
            raise UnsupportedFeature(f"The parameter {name}")


def check_headers(names: Iterable[str]) -> None:
    """Raises UnsupportedFeature for a header that would change the request's meaning."""
    for name in names:
        if name.startswith(_HEADERS) and name not in _HARMLESS_HEADERS:
            raise UnsupportedFeature(f"The header {name}")


def check_object_properties(resource: Mapping[str, Any]) -> None:
    """Raises UnsupportedFeature or InvalidValue for a property of an object that has a value and no
    effect here.
    """
    _check_properties("object", resource, _OBJECT, _NOT_OF_OBJECT)


def check_bucket_properties(resource: Mapping[str, Any]) -> None:
    """Raises UnsupportedFeature or InvalidValue for a property of a bucket that has a value and no
    effect here.
    """
    _check_properties("bucket", resource, BUCKET_PROPERTIES, _NOT_OF_BUCKET)


def check_compose_request(document: Mapping[str, Any]) -> None:
    """Raises UnsupportedFeature or InvalidValue for a part of a compose request that has no effect here."""
    _check_properties("compose request", document, _COMPOSE, _NOT_OF_COMPOSE)


def _check_properties(
    kind: str, resource: Mapping[str, Any], known: frozenset[str], unsupported: frozenset[str]
) -> None:
    for name, value in resource.items():
        if name in known or not _has_effect(value):
            continue
        if name in unsupported:
            raise UnsupportedFeature(f"The {kind}'s property {name}")
        raise InvalidValue(f"A {kind} has no property {name!r}.")


def _has_effect(value: Any) -> bool:
    """Tells whether a value wants anything: ``{"enabled": false}`` and periods of 0 seconds do not."""
    if isinstance(value, dict):
        return any(_has_effect(each) for each in value.values())
    if isinstance(value, list):
        return bool(value)
    return value not in (None, False, "", "0", 0)
