"""Batches: an uploaded file of requests becomes jobs, and their results come together in one summary.

create → fan_out (reads request_lines) → the jobs run → storage/batch_commit ends the batch. ``state_machine``
decides the next step: each write of the record calls it, and ``sweep`` calls it where that call was lost.
"""
