"""The life of an accepted job: its cancellation, its retention, and the handling of its unreadable
documents.
"""
