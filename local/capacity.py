"""The number of requests that each function works on at once, the same in the cloud and on the laptop.

A test compares these figures with those of terraform/functions.tf, which explains them.
"""

from __future__ import annotations

CONCURRENCY = {
    "api": 160,
    "uploads": 8,
    "dispatch": 16,
    "notify": 32,
    "dead_letter": 16,
    "deliver": 64,
    "remind": 80,
    "sweep": 1,
}
EVENT_FUNCTIONS = tuple(name for name in CONCURRENCY if name != "api")
