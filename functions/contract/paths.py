"""The name of every object, in one place. Names begin with a hash or at random, so that they spread."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from . import ids
from .formats import EXTENSIONS
from .object_names import is_valid_name

_EPOCH = datetime.fromtimestamp(0, UTC)
_LAST_MILLISECOND = 10**14 - 1  # in the year 5138: index names count down from it

UPLOADED_BY_API = "api/"  # uploads under this prefix wait for a request: their events start nothing
UPLOAD_SESSIONS = (
    "api/sessions/"  # uploads that are sent in pieces and are not complete; no owner's hash is so short
)
RECIPES = "recipes/"
OPEN = "open/"
REPEATS = "repeats/"  # in the jobs bucket: which requests have a waiting caller
PROCESSES = "processes/"  # in the jobs bucket: a beat for each process that has waiting callers
JOB_PLACES = "limits/places/"  # in the jobs bucket: the jobs of owners that have limits
BYTES_OF_DAYS = "limits/days/"  # in the jobs bucket: the bytes that such an owner has sent on a day
FAILURES = "failures/"  # in the jobs bucket: an entry for each job that failed lately, the newest first
INPUTS = "inputs/"  # in the jobs bucket: the inline pictures of each job
BATCHES = "batches/"
OPEN_BATCHES = "open-batches/"
SET_ASIDE = "set-aside/"  # in the jobs bucket: what cannot be understood, kept for a person
BATCH_FILE = ".jsonl"
INSTRUCTION = "plantain-"  # custom metadata of an upload that says what to do with it begins like this
COUNTED = "bytes-counted"  # custom metadata of a file whose bytes counted to its owner's day as it came
MADE_BY = "plantain-job"  # custom metadata on everything that Plantain writes to a bucket


# The jobs bucket. -------------------------------------------------------------------------------------


def job_record(job_id: str) -> str:
    return f"jobs/{job_id}.json"


def open_marker(job_id: str) -> str:
    """Returns the name of the job's marker. It exists from before the record until the end was announced."""
    return f"{OPEN}{job_id}"


def index_prefix(owner: str) -> str:
    return index_prefix_of(ids.owner_hash(owner))


def index_prefix_of(hashed_owner: str) -> str:
    return f"owners/{hashed_owner}/"


def index_entry(owner: str, created: datetime, job_id: str) -> str:
    return index_prefix(owner) + _descending_name(created, job_id)


def _descending_name(created: datetime, id: str) -> str:
    """Returns a name that sorts before all older ones."""
    inverted = _LAST_MILLISECOND - (created - _EPOCH) // timedelta(milliseconds=1)
    return f"{inverted:014d}-{id}"


def equal_requests_prefix(owner: str, request_sha256: str) -> str:
    """Returns the prefix of the places of equal requests whose callers wait."""
    return f"{REPEATS}{ids.owner_hash(owner)}/{request_sha256}/"


def job_places_prefix(owner: str) -> str:
    return f"{JOB_PLACES}{ids.owner_hash(owner)}/"


def job_place(owner: str, job_id: str) -> str:
    return job_places_prefix(owner) + job_id


def bytes_of_day(owner: str, at: datetime) -> str:
    return f"{BYTES_OF_DAYS}{ids.owner_hash(owner)}/{at.astimezone(UTC):%Y-%m-%d}.json"


def failure_entry(ended: datetime, job_id: str) -> str:
    return FAILURES + _descending_name(ended, job_id)


def process_heartbeat(process: str) -> str:
    return f"{PROCESSES}{process}"


def inputs_prefix(job_id: str) -> str:
    return f"{INPUTS}{job_id}/"


def input_picture(job_id: str, sha256: str) -> str:
    """Returns the name of an inline picture or mask of the job, by the hash of its bytes."""
    return f"{inputs_prefix(job_id)}{sha256}"


def checkpoint_file(job_id: str, n: int) -> str:
    return f"{checkpoints_prefix(job_id)}{n}.npz"


def checkpoints_prefix(job_id: str) -> str:
    return f"checkpoints/{job_id}/"


def watermark_entry(payload: str) -> str:
    """Returns the name of the index entry that leads from a payload (16 hexadecimal digits) to its job."""
    return f"marks/{payload}.json"


def delivery_record(job_id: str) -> str:
    return f"{deliveries_prefix(job_id)}{ids.event_id(job_id)}.json"


def deliveries_prefix(job_id: str) -> str:
    return f"deliveries/{job_id}/"


def model_pace(model: str) -> str:
    """Returns the name of the object that says how long the model's jobs took lately."""
    return f"pace/{model}.json"


def receiver_circuit(name: str) -> str:
    """Returns the name of a receiver's circuit, which exists while calls fail."""
    return f"receivers/{name}.json"


def batch_record(batch_id: str) -> str:
    """Returns the name of a batch's record. Writes under this prefix publish a notification, which triggers
    the batch's next step.
    """
    return f"{BATCHES}{batch_id}.json"


def batch_id_of_record(name: str) -> str | None:
    """Returns the batch whose record this object of the jobs bucket is; None for any other object."""
    batch_id = name.removeprefix(BATCHES).removesuffix(".json")
    return batch_id if ids.BATCH_ID.match(batch_id) and name == batch_record(batch_id) else None


def open_batch_marker(batch_id: str) -> str:
    """Returns the name of the batch's marker. It exists from before the record until the end
    was announced.
    """
    return f"{OPEN_BATCHES}{batch_id}"


def batch_index_prefix(owner: str) -> str:
    return batch_index_prefix_of(ids.owner_hash(owner))


def batch_index_prefix_of(hashed_owner: str) -> str:
    return f"batch-owners/{hashed_owner}/"


def batch_index_entry(owner: str, created: datetime, batch_id: str) -> str:
    return batch_index_prefix(owner) + _descending_name(created, batch_id)


def open_items_prefix(batch_id: str) -> str:
    return f"batch-items/{batch_id}/open/"


def open_item(batch_id: str, line: int) -> str:
    """Returns the name of the item of a line whose job has not ended. Items sort as their lines do."""
    return f"{open_items_prefix(batch_id)}{line:08d}"


def ended_items_prefix(batch_id: str) -> str:
    return f"batch-items/{batch_id}/ended/"


def ended_item(batch_id: str, line: int) -> str:
    """Returns the name of the item of a line whose job has ended, or that never became a job."""
    return f"{ended_items_prefix(batch_id)}{line:08d}"


def predictions_prefix(batch_id: str) -> str:
    """Returns the prefix of what a Vertex AI batch prediction job reads and writes."""
    return f"batch-predictions/{batch_id}/"


def quarantined(message: bytes) -> str:
    """Returns the name under which a message that cannot be understood is kept for an operator."""
    return f"{SET_ASIDE}{hashlib.sha256(message).hexdigest()}.json"


# The results bucket. ----------------------------------------------------------------------------------


def result_picture(job_id: str, n: int, format: str) -> str:
    return f"{job_id}/{n}.{EXTENSIONS[format]}"


def late_result_picture(job_id: str, n: int, format: str, token: int) -> str:
    """Returns the picture's name for a worker that found another's file; ``token`` is that of its lease."""
    return f"{job_id}/{n}-{token}.{EXTENSIONS[format]}"


def results_prefix(job_id: str) -> str:
    return f"{job_id}/"


def manifest(job_id: str) -> str:
    return f"{job_id}/manifest.json"


def id_of_index_entry(entry: str) -> str | None:
    """Returns the job or batch of an entry of an owner's index; None for any other object."""
    digits, _, found = entry.rpartition("/")[2].partition("-")
    is_id = ids.JOB_ID.match(found) or ids.BATCH_ID.match(found)
    return found if is_id and digits.isascii() and digits.isdigit() else None


def job_id_of_manifest(name: str) -> str | None:
    """Returns the job whose manifest this object is; None for any other object."""
    head, _, tail = name.partition("/")
    return head if tail == "manifest.json" and ids.JOB_ID.match(head) else None


def batch_manifest(batch_id: str) -> str:
    return f"{batch_results_prefix(batch_id)}manifest.json"


def batch_results_prefix(batch_id: str) -> str:
    return f"{BATCHES}{batch_id}/"


def batch_answers_prefix(batch_id: str) -> str:
    """Returns what the names of a batch's files of answers begin with."""
    return f"{batch_results_prefix(batch_id)}predictions"


def batch_answers(batch_id: str, n: int) -> str:
    """Returns the name of the file of answers ``n``, from 1, as Vertex AI names them."""
    number = "" if n == 1 else f"_{n:04d}"
    return f"{batch_answers_prefix(batch_id)}{number}.jsonl"


def batch_id_of_manifest(name: str) -> str | None:
    """Returns the batch whose summary this object is; None for any other object."""
    batch_id = name.removeprefix(BATCHES).removesuffix("/manifest.json")
    return batch_id if ids.BATCH_ID.match(batch_id) and name == batch_manifest(batch_id) else None


# The uploads bucket. ----------------------------------------------------------------------------------


def uploaded_picture(owner: str, upload_id: str) -> str:
    return f"{uploads_prefix(owner)}{upload_id}"


def uploads_prefix(owner: str) -> str:
    return f"{UPLOADED_BY_API}{ids.owner_hash(owner)}/"


def upload_session(secret: str) -> str:
    """Returns the name of an upload that is sent in pieces. The secret, which its address holds, is not in
    it.
    """
    return f"{UPLOAD_SESSIONS}{hashlib.sha256(secret.encode()).hexdigest()}"


def new_upload_piece(session: str) -> str:
    return f"{session}/{secrets.token_hex(8)}"


def recipe_for(name: str) -> str | None:
    """Returns the name of the recipe of the folder that an uploaded object lies in.

    Returns None for an object at the top of the bucket, and for a folder whose name is too long for a
    recipe's.
    """
    folder, slash, _ = name.rpartition("/")
    recipe = f"{RECIPES}{folder}.json"
    return recipe if slash and is_valid_name(recipe) else None
