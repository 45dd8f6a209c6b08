"""The handlers of each address."""

from __future__ import annotations

from collections.abc import Mapping

from local.storage.errors import AddressNotFound, UnsupportedFeature
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

HandlersByMethod = dict[str, RouteHandler]

BUCKETS: HandlersByMethod = {"GET": buckets.list_buckets, "POST": buckets.create_bucket}
BUCKET: HandlersByMethod = {
    "GET": buckets.get_bucket,
    "PATCH": buckets.patch_bucket,
    "PUT": buckets.update_bucket,
    "DELETE": buckets.delete_bucket,
}
OBJECTS: HandlersByMethod = {"GET": objects.list_objects}
OBJECT: HandlersByMethod = {
    "GET": objects.get_object,
    "HEAD": objects.get_object,
    "PATCH": objects.patch_object,
    "PUT": objects.update_object,
    "DELETE": objects.delete_object,
}
UPLOAD: HandlersByMethod = {
    "POST": uploads.start_upload,
    "PUT": uploads.resume_upload,
    "DELETE": uploads.cancel_upload,
}
CONFIGS: HandlersByMethod = {"GET": notifications.list_configs, "POST": notifications.create_config}
CONFIG: HandlersByMethod = {"GET": notifications.get_config, "DELETE": notifications.delete_config}
XML: HandlersByMethod = {
    "GET": xml_objects.get_object,
    "HEAD": xml_objects.get_object,
    "PUT": xml_objects.put_object,
    "POST": xml_objects.start_resumable,
    "DELETE": xml_objects.delete_object,
}
XML_PARTS: HandlersByMethod = {
    "GET": xml_multipart.list_parts,
    "PUT": xml_multipart.put_part,
    "POST": xml_multipart.complete_multipart,
    "DELETE": xml_multipart.abort_multipart,
}
_NOT_HERE = frozenset(
    {"acl", "defaultObjectAcl", "iam", "testPermissions", "restore", "bulkRestore", "folders"}
    | {"managedFolders", "anywhereCaches", "hmacKeys", "operations", "channels", "relocate", "watch"}
)
"""Resources and actions of the JSON API that this server does not have."""


def find_handlers(segments: list[str], query: Mapping[str, str]) -> tuple[HandlersByMethod, *tuple[str, ...]]:
    """Returns the handlers of an address by their method, and its variable segments.

    Raises:
        AddressNotFound: Cloud Storage has nothing there either.
        UnsupportedFeature: Cloud Storage has this address, and this server does not.
    """
    match segments:
        case ["storage", "v1", *rest] | ["download", "storage", "v1", *rest]:
            return _find_json_handlers(rest)
        case ["b", *_]:  # Node's client puts nothing before it; no bucket has a name of one letter
            return _find_json_handlers(segments)
        case ["upload", "storage", "v1", "b", bucket, "o", *rest] if not any(rest):
            return UPLOAD, bucket
        case ["resumable", "upload", "storage", "v1", "b", bucket, "o", *rest] if not any(rest):
            return UPLOAD, bucket
        case [bucket, *rest] if rest and ("uploadId" in query or "uploads" in query):
            return (
                (XML_PARTS if "uploadId" in query else {"POST": xml_multipart.start_multipart}),
                bucket,
                "/".join(rest),
            )
        case [bucket, *rest] if any(rest):
            return XML, bucket, "/".join(rest)
        case [bucket, *_] if bucket:
            raise UnsupportedFeature("The XML API of buckets")
        case _:
            raise AddressNotFound("There is nothing at this address.")


def _find_json_handlers(segments: list[str]) -> tuple[HandlersByMethod, *tuple[str, ...]]:
    while segments and not segments[-1]:  # gcsfs and others end addresses with a slash
        segments = segments[:-1]
    match segments:
        case ["b", bucket, "o", name]:
            return OBJECT, bucket, name
        case ["b", bucket, "o"]:
            return OBJECTS, bucket
        case ["b", bucket]:
            return BUCKET, bucket
        case ["b"]:
            return (BUCKETS,)
        case ["b", bucket, "o", name, "rewriteTo", "b", to_bucket, "o", to_name]:
            return {"POST": copies.rewrite_object}, bucket, name, to_bucket, to_name
        case ["b", bucket, "o", name, "copyTo", "b", to_bucket, "o", to_name]:
            return {"POST": copies.copy_object}, bucket, name, to_bucket, to_name
        case ["b", bucket, "o", name, "moveTo", "o", to_name]:
            return {"POST": copies.move_object}, bucket, name, to_name
        case ["b", bucket, "o", name, "compose"]:
            return {"POST": copies.compose_objects}, bucket, name
        case ["b", bucket, "storageLayout"]:
            return {"GET": buckets.get_storage_layout}, bucket
        case ["b", bucket, "managedFolders"]:
            return {"GET": buckets.list_managed_folders}, bucket
        case ["b", bucket, "lockRetentionPolicy"]:
            return {"POST": buckets.lock_retention_policy}, bucket
        case ["projects", project, "serviceAccount"]:
            return {"GET": projects.get_service_account}, project
        case ["b", bucket, "notificationConfigs"]:
            return CONFIGS, bucket
        case ["b", bucket, "notificationConfigs", config_id]:
            return CONFIG, bucket, config_id
        case _:
            for segment in segments:
                if segment in _NOT_HERE:
                    raise UnsupportedFeature(segment)
            raise AddressNotFound("There is nothing at this address.")
