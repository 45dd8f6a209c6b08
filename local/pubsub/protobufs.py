"""The protobuf classes of google.pubsub.v1, as google-cloud-pubsub ships them.

The client library wraps them in proto-plus, which costs ten times as much per attribute: the server speaks
the plain classes underneath. They are built at run time, so a type checker sees ``Any``.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from google.protobuf import empty_pb2
from google.pubsub_v1.types import pubsub

Wire: TypeAlias = Any
"""A protobuf message of google.pubsub.v1."""

Topic: Wire = pubsub.Topic.pb()
Subscription: Wire = pubsub.Subscription.pb()
PubsubMessage: Wire = pubsub.PubsubMessage.pb()
ReceivedMessage: Wire = pubsub.ReceivedMessage.pb()
PushConfig: Wire = pubsub.PushConfig.pb()

GetTopicRequest: Wire = pubsub.GetTopicRequest.pb()
UpdateTopicRequest: Wire = pubsub.UpdateTopicRequest.pb()
ListTopicsRequest: Wire = pubsub.ListTopicsRequest.pb()
ListTopicsResponse: Wire = pubsub.ListTopicsResponse.pb()
ListTopicSubscriptionsRequest: Wire = pubsub.ListTopicSubscriptionsRequest.pb()
ListTopicSubscriptionsResponse: Wire = pubsub.ListTopicSubscriptionsResponse.pb()
DeleteTopicRequest: Wire = pubsub.DeleteTopicRequest.pb()
PublishRequest: Wire = pubsub.PublishRequest.pb()
PublishResponse: Wire = pubsub.PublishResponse.pb()
DetachSubscriptionRequest: Wire = pubsub.DetachSubscriptionRequest.pb()
DetachSubscriptionResponse: Wire = pubsub.DetachSubscriptionResponse.pb()

GetSubscriptionRequest: Wire = pubsub.GetSubscriptionRequest.pb()
UpdateSubscriptionRequest: Wire = pubsub.UpdateSubscriptionRequest.pb()
ListSubscriptionsRequest: Wire = pubsub.ListSubscriptionsRequest.pb()
ListSubscriptionsResponse: Wire = pubsub.ListSubscriptionsResponse.pb()
DeleteSubscriptionRequest: Wire = pubsub.DeleteSubscriptionRequest.pb()
ModifyPushConfigRequest: Wire = pubsub.ModifyPushConfigRequest.pb()
PullRequest: Wire = pubsub.PullRequest.pb()
PullResponse: Wire = pubsub.PullResponse.pb()
AcknowledgeRequest: Wire = pubsub.AcknowledgeRequest.pb()
ModifyAckDeadlineRequest: Wire = pubsub.ModifyAckDeadlineRequest.pb()
Snapshot: Wire = pubsub.Snapshot.pb()
CreateSnapshotRequest: Wire = pubsub.CreateSnapshotRequest.pb()
UpdateSnapshotRequest: Wire = pubsub.UpdateSnapshotRequest.pb()
GetSnapshotRequest: Wire = pubsub.GetSnapshotRequest.pb()
ListSnapshotsRequest: Wire = pubsub.ListSnapshotsRequest.pb()
ListSnapshotsResponse: Wire = pubsub.ListSnapshotsResponse.pb()
DeleteSnapshotRequest: Wire = pubsub.DeleteSnapshotRequest.pb()
ListTopicSnapshotsRequest: Wire = pubsub.ListTopicSnapshotsRequest.pb()
ListTopicSnapshotsResponse: Wire = pubsub.ListTopicSnapshotsResponse.pb()
SeekRequest: Wire = pubsub.SeekRequest.pb()
SeekResponse: Wire = pubsub.SeekResponse.pb()
StreamingPullRequest: Wire = pubsub.StreamingPullRequest.pb()
StreamingPullResponse: Wire = pubsub.StreamingPullResponse.pb()

Empty = empty_pb2.Empty
