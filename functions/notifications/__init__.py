"""Announces ends: events are published; webhook deliveries are recorded, queued, signed, sent and
sent again.
"""
