"""``/sdapi/v1/txt2img`` and ``img2img``: the pictures, when they are ready."""

from __future__ import annotations

import json
from typing import Any

from flask import Response

from ...contract.request import JobRequest
from ...contract.validation.json_bounds import JsonBounds
from ...intake.strict_json import parse_json_object
from ...services import Services
from ...waiting.answer_size import check_encoded_size
from ...waiting.finished_job import FinishedJob
from ...waiting.picture_description import describe_picture
from ...waiting.synchronous_job import SynchronousJob
from ..answered_job import answering, begin_answer, deliver_json
from ..api_call import ApiCall
from ..encoded_pictures import SplicedPictures
from ..request_body import BODIES, MAX_BODY, MAX_SMALL_BODY, read_body, reserve_body
from .image_fields import ImageToImage, TextToImage, read_fields
from .image_job import image_to_image_job, size_check, text_to_image_job

_PICTURES = JsonBounds(long_fields=frozenset({b"init_images", b"mask"}))


def draw_from_text(call: ApiCall) -> Response:
    """Answers with the pictures of a prompt."""
    with reserve_body(call.request):
        body = read_body(call.request, MAX_SMALL_BODY)
        with BODIES.place():
            fields = read_fields(TextToImage, parse_json_object(body))
            job = _begin(call, fields, text_to_image_job(fields, call.services.settings))
    return _answer(call.services, job)


def draw_from_image(call: ApiCall) -> Response:
    """Answers with the pictures that an edit makes of the first one sent."""
    with reserve_body(call.request):
        body = read_body(call.request, MAX_BODY)
        with BODIES.place():
            fields = read_fields(ImageToImage, parse_json_object(body, _PICTURES))
            job = _begin(call, fields, image_to_image_job(fields, call.services.settings))
        del body, fields  # a waiting caller keeps no pictures
    return _answer(call.services, job)


def _begin(call: ApiCall, fields: TextToImage | ImageToImage, request: JobRequest) -> SynchronousJob:
    return begin_answer(call, request, check_plan=size_check(fields))


def _answer(services: Services, job: SynchronousJob) -> Response:
    """Answers with the pictures. A wait that ended first leaves the job to the repeat of the request."""
    pictures = SplicedPictures()
    with answering(job):
        body = _images_body(services, job.wait(), pictures)
    return deliver_json(job, body, pictures=pictures)


def _images_body(services: Services, finished: FinishedJob, pictures: SplicedPictures) -> dict[str, Any]:
    check_encoded_size(sum(picture.bytes for picture in finished.pictures))
    images = [pictures(services, finished, n) for n in range(len(finished.pictures))]
    return {"images": images, "parameters": _parameters(finished), "info": json.dumps(_info(finished))}


def _parameters(finished: FinishedJob) -> dict[str, Any]:
    """Returns the request as it was understood, with the WebUI's names."""
    record, request = finished.record, finished.record.request
    return {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt or "",
        "seed": record.seed,
        "width": record.width,
        "height": record.height,
        "steps": request.steps,
        "cfg_scale": request.guidance,
        "denoising_strength": request.strength,
        "batch_size": request.count,
        "n_iter": 1,
    }


def _info(finished: FinishedJob) -> dict[str, Any]:
    """Returns what stands, as text, under ``info``: clients read the seeds there."""
    seeds = [picture.seed for picture in finished.pictures]
    prompt, count = finished.record.request.prompt, len(seeds)
    return {
        **_parameters(finished),
        "seed": seeds[0],
        "all_seeds": seeds,
        "all_prompts": [prompt] * count,
        "sd_model_name": finished.record.model,
        "comments": [describe_picture(finished, picture) for picture in finished.pictures],
        "job_timestamp": f"{finished.record.created:%Y%m%d%H%M%S}",
        "plantain_job": finished.record.id,
    }
