"""Batches: an uploaded file of requests fans out into jobs, and what they come to is put together again.

request_lines → fan_out → (the jobs run) → items → finalize → batch_ended. ``state_machine`` decides the next
step. Each write of the record calls it, and ``sweep`` calls it where that call was lost.
"""
