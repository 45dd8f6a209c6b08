"""Snapshots and seeking, of google.pubsub.v1.Subscriber."""

from __future__ import annotations

from local.pubsub import protobufs, resource_names
from local.pubsub.broker import Broker
from local.pubsub.errors import InvalidArgument
from local.pubsub.group_commit import GroupCommitter
from local.pubsub.grpc_handlers import RpcContext, RpcMethod
from local.pubsub.proto_updates import apply_field_mask
from local.pubsub.protobufs import Proto

MUTABLE = frozenset({"labels", "expire_time"})


class SnapshotService:
    """The service's methods. See https://cloud.google.com/pubsub/docs/replay-overview."""

    def __init__(self, broker: Broker, committer: GroupCommitter) -> None:
        self._broker = broker
        self._committer = committer

    def rpc_methods(self) -> dict[str, RpcMethod]:
        """Returns each method by its name, with the class of its request."""
        return {
            "CreateSnapshot": (self.create_snapshot, protobufs.CreateSnapshotRequest),
            "GetSnapshot": (self.get_snapshot, protobufs.GetSnapshotRequest),
            "UpdateSnapshot": (self.update_snapshot, protobufs.UpdateSnapshotRequest),
            "ListSnapshots": (self.list_snapshots, protobufs.ListSnapshotsRequest),
            "DeleteSnapshot": (self.delete_snapshot, protobufs.DeleteSnapshotRequest),
            "Seek": (self.seek, protobufs.SeekRequest),
        }

    async def create_snapshot(self, request: Proto, _: RpcContext) -> Proto:
        subscription = self._broker.read_subscription(request.subscription)
        created = self._broker.replay.create_snapshot(request.name, subscription, dict(request.labels))
        await self._committer.wait_flushed()
        return created

    async def get_snapshot(self, request: Proto, _: RpcContext) -> Proto:
        return self._broker.replay.read_snapshot(request.snapshot).config

    async def update_snapshot(self, request: Proto, _: RpcContext) -> Proto:
        found = self._broker.replay.read_snapshot(request.snapshot.name).config
        config = apply_field_mask(found, request.snapshot, request.update_mask, MUTABLE)
        updated = self._broker.replay.update_snapshot(config)
        await self._committer.wait_flushed()
        return updated

    async def list_snapshots(self, request: Proto, _: RpcContext) -> Proto:
        found = self._broker.replay.list_snapshots(request.project)
        shown, token = resource_names.page_of_names(found, request.page_size, request.page_token)
        configs = [self._broker.replay.read_snapshot(name).config for name in shown]
        return protobufs.ListSnapshotsResponse(snapshots=configs, next_page_token=token)

    async def delete_snapshot(self, request: Proto, _: RpcContext) -> Proto:
        self._broker.delete_snapshot(request.snapshot)
        await self._committer.wait_flushed()
        return protobufs.Empty()

    async def seek(self, request: Proto, _: RpcContext) -> Proto:
        subscription = self._broker.read_subscription(request.subscription)
        topic = self._broker.topic_of(subscription)
        target = request.WhichOneof("target")
        if target == "time":
            self._broker.replay.seek_to_time(subscription, topic, request.time)
        elif target == "snapshot":
            self._broker.replay.seek_to_snapshot(subscription, topic, request.snapshot)
        else:
            raise InvalidArgument("A seek needs a time or a snapshot.")
        await self._committer.wait_flushed()
        return protobufs.SeekResponse()
