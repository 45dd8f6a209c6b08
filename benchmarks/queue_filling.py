"""Fills the queue of a laptop's stack in minutes: a waiting job is copied in the database of its storage.

Each copy has the same three objects as a job that the API took in (its record, its marker, its place in the
owner's index) and a message in the queue. The stack must not run while its database is written.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import google_crc32c

from functions.contract import ids
from functions.contract.message import JobMessage
from functions.contract.settings import Settings

_BATCH = 500  # messages of one call
Row = tuple[object, ...]


def copy_job(database: Path, job_id: str, count: int) -> list[str]:
    """Copies the waiting job ``count`` times, and returns the ids of the copies."""
    with sqlite3.connect(database) as connection:
        query = (
            "SELECT bucket, name, size, crc32c, md5, metageneration, created, updated, properties, data"
            " FROM objects JOIN bodies USING (generation) WHERE instr(name, ?)"
        )
        originals = connection.execute(query, (job_id,)).fetchall()
        copies = [ids.new_job_id() for _ in range(count)]
        for copy in copies:
            for original in originals:
                _copy_object(connection, original, job_id, copy)
    connection.close()
    return copies


def _copy_object(connection: sqlite3.Connection, original: Row, old: str, new: str) -> None:
    bucket, name, _, crc32c, md5, metageneration, created, updated, properties, data = original
    assert isinstance(name, str) and isinstance(data, bytes)
    body = data.replace(old.encode(), new.encode())
    if body != data:
        crc32c = base64.b64encode(google_crc32c.Checksum(body).digest()).decode()
        md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    generation = connection.execute("INSERT INTO bodies (data) VALUES (?)", (body,)).lastrowid
    connection.execute(
        "INSERT INTO objects (bucket, name, generation, metageneration, size, crc32c, md5, created, updated,"
        " properties) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(bucket, name.replace(old, new), generation, metageneration, len(body)),
            *(crc32c, md5, created, updated, properties),
        ),
    )


def publish_jobs(environment: Mapping[str, str], job_ids: Sequence[str]) -> None:
    """Puts a message into the workers' queue for each job, as the API does."""
    os.environ |= environment  # where Google's client looks for the emulator
    from google.cloud import pubsub_v1

    settings = Settings.from_environment(environment)
    publisher = pubsub_v1.PublisherClient(pubsub_v1.types.BatchSettings(max_messages=_BATCH, max_latency=1))
    topic = settings.topic_path(settings.jobs_topic)
    sent = [publisher.publish(topic, JobMessage(job_id=id).encode(), job_id=id) for id in job_ids]
    for each in sent:
        each.result()
    publisher.stop()
