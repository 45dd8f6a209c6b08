"""The worker's stages on one machine, without buckets or queues."""
