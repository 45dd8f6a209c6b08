"""The operations of Cloud Storage, counted by the names and classes that Google's bill has.

https://cloud.google.com/storage/pricing#operations-by-class: class A costs most, class B a twelfth of it, and
deletions are free. A request that fails is not billed.
"""

from __future__ import annotations

from typing import Literal

from local.storage.request_context import RouteHandler
from local.storage.routes import (
    buckets,
    copies,
    notifications,
    objects,
    projects,
    uploads,
    xml_multipart,
    xml_objects,
)

OperationClass = Literal["A", "B", "free"]

CLASSES: dict[str, OperationClass] = {
    "buckets.delete": "free",
    "buckets.get": "B",
    "buckets.insert": "A",
    "buckets.list": "A",
    "buckets.lockRetentionPolicy": "A",
    "buckets.update": "A",
    "managedFolders.list": "A",
    "notifications.delete": "A",
    "notifications.get": "B",
    "notifications.insert": "A",
    "notifications.list": "B",
    "objects.compose": "A",
    "objects.copy": "A",
    "objects.delete": "free",
    "objects.get": "B",
    "objects.insert": "A",
    "objects.list": "A",
    "objects.move": "A",
    "objects.part": "A",
    "objects.resume": "free",  # billed with the start of the upload
    "objects.update": "A",
    "projects.getServiceAccount": "B",
}
"""The class of each operation, by its name in the JSON API; those of the XML API count as their likes."""

_NAMES: dict[RouteHandler, str] = {
    buckets.create_bucket: "buckets.insert",
    buckets.delete_bucket: "buckets.delete",
    buckets.get_bucket: "buckets.get",
    buckets.get_storage_layout: "buckets.get",
    buckets.list_buckets: "buckets.list",
    buckets.list_managed_folders: "managedFolders.list",
    buckets.lock_retention_policy: "buckets.lockRetentionPolicy",
    buckets.patch_bucket: "buckets.update",
    buckets.update_bucket: "buckets.update",
    copies.compose_objects: "objects.compose",
    copies.copy_object: "objects.copy",
    copies.move_object: "objects.move",
    copies.rewrite_object: "objects.copy",
    notifications.create_config: "notifications.insert",
    notifications.delete_config: "notifications.delete",
    notifications.get_config: "notifications.get",
    notifications.list_configs: "notifications.list",
    objects.delete_object: "objects.delete",
    objects.get_object: "objects.get",
    objects.list_objects: "objects.list",
    objects.patch_object: "objects.update",
    objects.update_object: "objects.update",
    projects.get_service_account: "projects.getServiceAccount",
    uploads.cancel_upload: "objects.delete",
    uploads.resume_upload: "objects.resume",
    uploads.start_upload: "objects.insert",
    xml_multipart.abort_multipart: "objects.delete",
    xml_multipart.complete_multipart: "objects.part",
    xml_multipart.list_parts: "objects.part",
    xml_multipart.put_part: "objects.part",
    xml_multipart.start_multipart: "objects.part",
    xml_objects.delete_object: "objects.delete",
    xml_objects.get_object: "objects.get",
    xml_objects.put_object: "objects.insert",
    xml_objects.start_resumable: "objects.insert",
}


def operation_name(handler: RouteHandler) -> str:
    """Returns the name of what a handler does, one of ``CLASSES``."""
    return _NAMES[handler]
