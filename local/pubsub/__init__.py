"""The embedded Pub/Sub: google.pubsub.v1 over gRPC, in one process, persistent under one directory."""
