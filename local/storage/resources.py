"""The JSON shapes of https://cloud.google.com/storage/docs/json_api."""

from __future__ import annotations

from urllib.parse import quote

from local.storage import retention
from local.storage.buckets import Bucket
from local.storage.errors import Refused
from local.storage.notification_config import NotificationConfig
from local.storage.properties import Json
from local.storage.stored import StoredObject


def of_object(stored: StoredObject, origin: str, bucket: Bucket) -> Json:
    """``origin`` is the server's, as the caller reaches it: ``http://host:port``."""
    said = stored.said()
    said.pop(retention.HOLD_RELEASED, None)
    address = f"storage/v1/b/{stored.bucket}/o/{quote(stored.name, safe='')}"
    generation = str(stored.generation)
    resource = {
        "kind": "storage#object",
        "id": f"{stored.bucket}/{stored.name}/{generation}",
        "selfLink": f"{origin}/{address}",
        "mediaLink": f"{origin}/download/{address}?generation={generation}&alt=media",
        "name": stored.name,
        "bucket": stored.bucket,
        "generation": generation,
        "metageneration": str(stored.metageneration),
        "storageClass": "STANDARD",
        "size": str(stored.size),
        "crc32c": stored.crc32c,
        "etag": stored.etag,
        "timeCreated": stored.created,
        "updated": stored.updated,
        "timeStorageClassUpdated": stored.created,
        "timeFinalized": stored.created,
        **said,
    }
    if stored.md5 is not None:
        resource["md5Hash"] = stored.md5
    if stored.components is not None:
        resource["componentCount"] = stored.components
    if stored.deleted is not None:
        resource["timeDeleted"] = stored.deleted
    if until := retention.expiration(bucket, stored):
        resource["retentionExpirationTime"] = until
    return resource


def of_storage_layout(bucket: Bucket) -> Json:
    """What a client asks to find out whether the bucket has folders; here none has."""
    return {
        "kind": "storage#storageLayout",
        "bucket": bucket.name,
        "location": bucket.properties["location"],
        "locationType": bucket.properties["locationType"],
    }


def of_bucket(bucket: Bucket, origin: str) -> Json:
    return {
        "kind": "storage#bucket",
        "id": bucket.name,
        "selfLink": f"{origin}/storage/v1/b/{bucket.name}",
        "name": bucket.name,
        "projectNumber": "0",
        "metageneration": str(bucket.metageneration),
        "etag": str(bucket.metageneration),
        "timeCreated": bucket.created,
        "updated": bucket.updated,
        **bucket.properties,
    }


def of_config(bucket: str, config: NotificationConfig, origin: str) -> Json:
    link = f"{origin}/storage/v1/b/{bucket}/notificationConfigs/{config.id}"
    return {**config.resource(), "selfLink": link}


def of_error(error: Refused) -> Json:
    detail = {"message": error.message, "domain": "global", "reason": error.reason}
    return {"error": {"code": error.status, "message": error.message, "errors": [detail]}}
