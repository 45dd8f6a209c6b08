"""Which handlers answer at which address."""

from __future__ import annotations

from collections.abc import Mapping

from local.storage.call import Handler
from local.storage.errors import NotFound, Unsupported
from local.storage.routes import (
    buckets,
    copies,
    notifications,
    objects,
    projects,
    uploads,
    xml,
    xml_multipart,
)

Handlers = dict[str, Handler]

BUCKETS: Handlers = {"GET": buckets.listing, "POST": buckets.create}
BUCKET: Handlers = {
    "GET": buckets.read,
    "PATCH": buckets.patch,
    "PUT": buckets.update,
    "DELETE": buckets.delete,
}
OBJECTS: Handlers = {"GET": objects.listing}
OBJECT: Handlers = {
    "GET": objects.read,
    "HEAD": objects.read,
    "PATCH": objects.patch,
    "PUT": objects.update,
    "DELETE": objects.delete,
}
UPLOAD: Handlers = {"POST": uploads.begin, "PUT": uploads.resume, "DELETE": uploads.cancel}
CONFIGS: Handlers = {"GET": notifications.listing, "POST": notifications.create}
CONFIG: Handlers = {"GET": notifications.read, "DELETE": notifications.delete}
XML: Handlers = {
    "GET": xml.read,
    "HEAD": xml.read,
    "PUT": xml.write,
    "POST": xml.begin,
    "DELETE": xml.delete,
}
XML_PARTS: Handlers = {
    "GET": xml_multipart.listing,
    "PUT": xml_multipart.put_part,
    "POST": xml_multipart.complete,
    "DELETE": xml_multipart.abort,
}
_NOT_HERE = frozenset(
    {"acl", "defaultObjectAcl", "iam", "testPermissions", "restore", "bulkRestore", "folders"}
    | {"managedFolders", "anywhereCaches", "hmacKeys", "operations", "channels", "relocate", "watch"}
)
"""Resources and actions of the JSON API that this server does not have."""


def resolve(segments: list[str], query: Mapping[str, str]) -> tuple[Handlers, *tuple[str, ...]]:
    """The handlers of an address by their method, and its variable segments.

    Raises:
        NotFound: Cloud Storage has nothing there either.
        Unsupported: Cloud Storage has, and this server does not.
    """
    match segments:
        case ["storage", "v1", *rest] | ["download", "storage", "v1", *rest]:
            return _json(rest)
        case ["b", *_]:  # Node's client puts nothing before it; no bucket has a name of one letter
            return _json(segments)
        case ["upload", "storage", "v1", "b", bucket, "o", *rest] if not any(rest):
            return UPLOAD, bucket
        case ["resumable", "upload", "storage", "v1", "b", bucket, "o", *rest] if not any(rest):
            return UPLOAD, bucket
        case [bucket, *rest] if rest and ("uploadId" in query or "uploads" in query):
            return (
                (XML_PARTS if "uploadId" in query else {"POST": xml_multipart.begin}),
                bucket,
                "/".join(rest),
            )
        case [bucket, *rest] if any(rest):
            return XML, bucket, "/".join(rest)
        case [bucket, *_] if bucket:
            raise Unsupported("The XML API of buckets")
        case _:
            raise NotFound("There is nothing at this address.")


def _json(segments: list[str]) -> tuple[Handlers, *tuple[str, ...]]:
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
            return {"POST": copies.rewrite}, bucket, name, to_bucket, to_name
        case ["b", bucket, "o", name, "copyTo", "b", to_bucket, "o", to_name]:
            return {"POST": copies.copy}, bucket, name, to_bucket, to_name
        case ["b", bucket, "o", name, "moveTo", "o", to_name]:
            return {"POST": copies.move}, bucket, name, to_name
        case ["b", bucket, "o", name, "compose"]:
            return {"POST": copies.compose}, bucket, name
        case ["b", bucket, "storageLayout"]:
            return {"GET": buckets.storage_layout}, bucket
        case ["b", bucket, "managedFolders"]:
            return {"GET": buckets.managed_folders}, bucket
        case ["b", bucket, "lockRetentionPolicy"]:
            return {"POST": buckets.lock_retention}, bucket
        case ["projects", project, "serviceAccount"]:
            return {"GET": projects.service_account}, project
        case ["b", bucket, "notificationConfigs"]:
            return CONFIGS, bucket
        case ["b", bucket, "notificationConfigs", config_id]:
            return CONFIG, bucket, config_id
        case _:
            for segment in segments:
                if segment in _NOT_HERE:
                    raise Unsupported(segment)
            raise NotFound("There is nothing at this address.")
