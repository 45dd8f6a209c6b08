"""How many requests each function works on at once, in the cloud and here alike.

A test holds these figures equal to those of terraform/functions.tf, which says why they are what they are.
"""

from __future__ import annotations

CONCURRENCY = {
    "api": 100,
    "uploads": 8,
    "dispatch": 16,
    "notify": 32,
    "dead_letter": 16,
    "deliver": 64,
    "remind": 80,
    "sweep": 1,
}
EVENT_FUNCTIONS = tuple(name for name in CONCURRENCY if name != "api")
