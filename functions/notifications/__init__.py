"""Webhooks: deliveries recorded, queued, signed, sent and sent again."""
