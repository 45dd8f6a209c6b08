"""No private data of an input is in a job's results of every format, or in its checkpoints."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from functions.contract import paths
from functions.contract.job import JobRecord
from functions.contract.request import JobRequest
from functions.contract.storage.bucket import Bucket
from tests.unit.worker.credentials import camera_photo
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.development_chain import development_signer
from worker.credentials.sealer import Sealer
from worker.job_io.checkpoints import Checkpoints
from worker.job_io.inputs import InputLoader
from worker.stages.seal import seal
from worker.stages.work import PictureInProgress, Work


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> Sealer:
    return Sealer(development_signer(tmp_path_factory.mktemp("keys") / "credentials"))


def mask() -> bytes:
    """Returns a mask of the photo's size with a person's name in it."""
    text, out = PngImagePlugin.PngInfo(), BytesIO()
    text.add_text("Author", "Ann-Example-Person")
    Image.fromarray(np.full((64, 96), 255, np.uint8)).save(out, "PNG", pnginfo=text)
    return out.getvalue()


def edited(record: JobRecord, bucket: Bucket, taken: str, **options: object) -> Work:
    """Runs an edit of a photo, with a reference and a mask, to the seal; draws nothing."""
    files = {
        "IMG_holiday_with_ann.jpg": camera_photo.private_photo(taken, nested=camera_photo.private_photo()),
        "b": camera_photo.private_photo("png"),
    }
    named = [
        {"uri": f"gs://{bucket.name}/{name}", "generation": bucket.put(name, data)}
        for name, data in (files | {"mask": mask()}).items()
    ]
    asked = {"task": "edit", "prompt": "nobody", "images": named[:2], "mask": named[2], **options}
    request = JobRequest.model_validate(asked)
    work = InputLoader(lambda _: bucket).load(
        record.model_copy(update={"request": request, "width": 96, "height": 64})
    )
    work.pictures = [PictureInProgress(n=0, seed=1, rgb=work.images[0])]
    return work


@pytest.mark.parametrize("taken", camera_photo.FORMATS)
@pytest.mark.parametrize(
    "output",
    [
        {"format": "png"},
        {"format": "png", "bit_depth": 16},
        {"format": "jpeg"},
        {"format": "webp"},
        {"format": "avif"},
    ],
)
def test_nothing_private_is_in_a_result(
    record: JobRecord, bucket: Bucket, sealer: Sealer, taken: str, output: dict[str, object]
) -> None:
    (picture,) = seal(edited(record, bucket, taken, **output), sealer).pictures
    assert camera_photo.secrets_in(picture.data) == []
    assert read_credentials(picture.data, f"image/{output['format']}", trust=None).holds


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif"])
def test_nor_in_one_that_is_not_signed(record: JobRecord, bucket: Bucket, format: str) -> None:
    (picture,) = seal(edited(record, bucket, "jpeg", format=format), None).pictures
    assert camera_photo.secrets_in(picture.data) == []


def test_nor_in_a_checkpoint(record: JobRecord, bucket: Bucket) -> None:
    work = edited(record, bucket, "jpeg")
    Checkpoints(bucket).save(work)
    assert camera_photo.secrets_in(bucket.get(paths.checkpoint_file(work.job_id, 0)).data) == []
