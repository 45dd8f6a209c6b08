"""The protobuf classes of google.pubsub.v1, as google-cloud-pubsub ships them.

The client library wraps them in proto-plus, which costs ten times as much per attribute: the server speaks
the plain classes underneath. They are built at run time, so a type checker sees ``Any``.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from google.protobuf import empty_pb2
from google.pubsub_v1.types import pubsub

Proto: TypeAlias = Any
"""A protobuf message of google.pubsub.v1."""

Topic: Proto = pubsub.Topic.pb()
Subscription: Proto = pubsub.Subscription.pb()
PubsubMessage: Proto = pubsub.PubsubMessage.pb()
ReceivedMessage: Proto = pubsub.ReceivedMessage.pb()
PushConfig: Proto = pubsub.PushConfig.pb()

GetTopicRequest: Proto = pubsub.GetTopicRequest.pb()
UpdateTopicRequest: Proto = pubsub.UpdateTopicRequest.pb()
ListTopicsRequest: Proto = pubsub.ListTopicsRequest.pb()
ListTopicsResponse: Proto = pubsub.ListTopicsResponse.pb()
ListTopicSubscriptionsRequest: Proto = pubsub.ListTopicSubscriptionsRequest.pb()
ListTopicSubscriptionsResponse: Proto = pubsub.ListTopicSubscriptionsResponse.pb()
DeleteTopicRequest: Proto = pubsub.DeleteTopicRequest.pb()
PublishRequest: Proto = pubsub.PublishRequest.pb()
PublishResponse: Proto = pubsub.PublishResponse.pb()
DetachSubscriptionRequest: Proto = pubsub.DetachSubscriptionRequest.pb()
DetachSubscriptionResponse: Proto = pubsub.DetachSubscriptionResponse.pb()

GetSubscriptionRequest: Proto = pubsub.GetSubscriptionRequest.pb()
UpdateSubscriptionRequest: Proto = pubsub.UpdateSubscriptionRequest.pb()
ListSubscriptionsRequest: Proto = pubsub.ListSubscriptionsRequest.pb()
ListSubscriptionsResponse: Proto = pubsub.ListSubscriptionsResponse.pb()
DeleteSubscriptionRequest: Proto = pubsub.DeleteSubscriptionRequest.pb()
ModifyPushConfigRequest: Proto = pubsub.ModifyPushConfigRequest.pb()
PullRequest: Proto = pubsub.PullRequest.pb()
PullResponse: Proto = pubsub.PullResponse.pb()
AcknowledgeRequest: Proto = pubsub.AcknowledgeRequest.pb()
ModifyAckDeadlineRequest: Proto = pubsub.ModifyAckDeadlineRequest.pb()
Snapshot: Proto = pubsub.Snapshot.pb()
CreateSnapshotRequest: Proto = pubsub.CreateSnapshotRequest.pb()
UpdateSnapshotRequest: Proto = pubsub.UpdateSnapshotRequest.pb()
GetSnapshotRequest: Proto = pubsub.GetSnapshotRequest.pb()
ListSnapshotsRequest: Proto = pubsub.ListSnapshotsRequest.pb()
ListSnapshotsResponse: Proto = pubsub.ListSnapshotsResponse.pb()
DeleteSnapshotRequest: Proto = pubsub.DeleteSnapshotRequest.pb()
ListTopicSnapshotsRequest: Proto = pubsub.ListTopicSnapshotsRequest.pb()
ListTopicSnapshotsResponse: Proto = pubsub.ListTopicSnapshotsResponse.pb()
SeekRequest: Proto = pubsub.SeekRequest.pb()
SeekResponse: Proto = pubsub.SeekResponse.pb()
StreamingPullRequest: Proto = pubsub.StreamingPullRequest.pb()
StreamingPullResponse: Proto = pubsub.StreamingPullResponse.pb()

Empty = empty_pb2.Empty
