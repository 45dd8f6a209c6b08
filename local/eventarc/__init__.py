"""Eventarc's part on the laptop: what happens in buckets and topics becomes calls of functions."""
