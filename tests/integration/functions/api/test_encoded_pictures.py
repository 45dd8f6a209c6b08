"""Pictures that are put into an answer while it is sent."""

from __future__ import annotations

import base64
import json
import random

import pytest

from functions.api.downloads import PIECE
from functions.api.encoded_pictures import PictureMarks, SplicedPictures
from functions.contract.errors import NotFound
from functions.waiting.finished_job import FinishedJob, finished_job
from tests.integration.functions.deployment import Deployment


def drawn(deployment: Deployment, data: bytes) -> FinishedJob:
    """A job whose picture has these bytes."""
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id)
    found = finished_job(deployment.services, deployment.record(job_id))
    deployment.services.results.put(found.pictures[0].name, data, "image/png")
    facts = found.pictures[0].model_copy(update={"bytes": len(data)})
    return FinishedJob(found.record, found.manifest.model_copy(update={"images": (facts,)}))


@pytest.mark.parametrize("size", [0, 1, 2, 3, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 2])
def test_a_text_is_sent_whole_in_pieces_of_a_bound(deployment: Deployment, size: int) -> None:
    data = random.Random(size).randbytes(size)
    job, marks = drawn(deployment, data), PictureMarks()
    text = json.dumps({"before": "x", "data": marks(deployment.services, job, 0), "after": "y"})
    pieces = list(marks.write(deployment.services, text))
    whole = b"".join(pieces)
    assert base64.b64decode(json.loads(whole)["data"], validate=True) == data
    assert len(whole) == marks.length(text)
    assert max(map(len, pieces)) <= 4 * PIECE // 3


@pytest.mark.parametrize("size", [0, 1, 2, 3, 1000])
def test_an_answer_has_its_pictures_where_their_marks_stood(deployment: Deployment, size: int) -> None:
    data = random.Random(size).randbytes(size)
    job, pictures = drawn(deployment, data), SplicedPictures()
    mark = pictures(deployment.services, job, 0)
    text = json.dumps({"before": "0.0.", "url": f"data:image/png;base64,{mark}", "again": mark, "after": "y"})
    found = json.loads(b"".join(pictures.chunks(text)))
    coded = base64.b64encode(data).decode()
    assert found == {"before": "0.0.", "url": f"data:image/png;base64,{coded}", "again": coded, "after": "y"}


def test_marks_of_another_answer_and_texts_like_them_stay_as_they_are(deployment: Deployment) -> None:
    job, marks, others = drawn(deployment, b"picture"), PictureMarks(), PictureMarks()
    text = f"{others(deployment.services, job, 0)} 0.0. {marks(deployment.services, job, 0)}"
    found = b"".join(marks.write(deployment.services, text)).decode()
    assert found == text.rpartition(" ")[0] + " " + base64.b64encode(b"picture").decode()


def test_a_picture_that_goes_while_it_is_sent_breaks_the_answer_off(deployment: Deployment) -> None:
    job, marks = drawn(deployment, bytes(2 * PIECE)), PictureMarks()
    pieces = marks.write(deployment.services, marks(deployment.services, job, 0))
    assert next(pieces) == b""
    assert len(next(pieces)) == 4 * PIECE // 3
    deployment.services.results.delete(job.pictures[0].name)
    with pytest.raises(NotFound):
        next(pieces)
