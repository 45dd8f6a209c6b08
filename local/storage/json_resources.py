"""The JSON resources of https://cloud.google.com/storage/docs/json_api."""

from __future__ import annotations

from urllib.parse import quote

from local.http_servers.google_errors import error_document
from local.storage import retention
from local.storage.bucket_store import StorageBucket
from local.storage.errors import StorageError
from local.storage.notification_config import NotificationConfig
from local.storage.object_properties import Json
from local.storage.stored_object import StoredObject


def object_resource(stored: StoredObject, origin: str, bucket: StorageBucket) -> Json:
    """Returns the JSON resource of an object. ``origin`` is the server's, as the caller wrote it."""
    properties = stored.read_properties()
    properties.pop(retention.HOLD_RELEASED, None)
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
        **properties,
    }
    if stored.md5 is not None:
        resource["md5Hash"] = stored.md5
    if stored.components is not None:
        resource["componentCount"] = stored.components
    if stored.deleted is not None:
        resource["timeDeleted"] = stored.deleted
    if until := retention.retention_end(bucket, stored):
        resource["retentionExpirationTime"] = until
    return resource


def storage_layout_resource(bucket: StorageBucket) -> Json:
    """Returns the answer to a client that asks whether the bucket has folders; here none has."""
    return {
        "kind": "storage#storageLayout",
        "bucket": bucket.name,
        "location": bucket.properties["location"],
        "locationType": bucket.properties["locationType"],
    }


def bucket_resource(bucket: StorageBucket, origin: str) -> Json:
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


def config_resource(bucket: str, config: NotificationConfig, origin: str) -> Json:
    link = f"{origin}/storage/v1/b/{bucket}/notificationConfigs/{config.id}"
    return {**config.resource(), "selfLink": link}


def error_resource(error: StorageError) -> Json:
    detail = {"message": error.message, "domain": "global", "reason": error.reason}
    return error_document(error.status, error.message, errors=[detail])
