"""Batches: an uploaded file of requests fans out into jobs, and what they come to is put together again.

lines → fan_out → (the jobs' own way) → items → closing → telling. ``driving`` says what is next; that the
record was written calls it, and ``sweep`` where that call was lost.
"""
