"""The body that creates a batch prediction job: a file of requests, and where the answers are to be.

https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.batchPredictionJobs
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ....contract import paths
from ....contract.errors import ForeignBucket, InvalidRequest
from ....contract.settings import Settings
from ..content_body import GoogleMessage

_SOURCE = "inputConfig.gcsSource.uris"
_DESTINATION = "outputConfig.gcsDestination.outputUriPrefix"


class GcsSource(GoogleMessage):
    uris: list[str] = Field(max_length=100)


class JobInput(GoogleMessage):
    instances_format: Literal["jsonl"] = "jsonl"
    gcs_source: GcsSource | None = None


class GcsDestination(GoogleMessage):
    output_uri_prefix: str


class JobOutput(GoogleMessage):
    predictions_format: Literal["jsonl"] = "jsonl"
    gcs_destination: GcsDestination | None = None


class PredictionJobBody(GoogleMessage):
    display_name: str = Field(default="", max_length=512)
    model: str = Field(max_length=512)
    input_config: JobInput
    output_config: JobOutput = JobOutput()

    @property
    def model_name(self) -> str:
        """Returns the model without what Vertex AI writes before it: ``publishers/google/models/``."""
        return self.model.rpartition("models/")[2]

    def source(self) -> str:
        """Returns the name of the file of requests. Raises InvalidRequest unless there is one."""
        found = self.input_config.gcs_source
        if found is None or len(found.uris) != 1:
            raise InvalidRequest("Name one file of requests as gs://BUCKET/NAME.jsonl.", field=_SOURCE)
        return found.uris[0]

    def destination(self, settings: Settings) -> str:
        """Returns the place that is asked for. Raises ForeignBucket for any but the one where this deployment
        writes the files of batches: elsewhere they could replace, or be taken for, what others have stored.
        """
        place = f"gs://{settings.results_bucket}/{paths.BATCHES.rstrip('/')}"
        found = self.output_config.gcs_destination
        asked = found.output_uri_prefix if found else ""
        if asked.removesuffix("/") not in (place, f"gs://{settings.results_bucket}"):
            raise ForeignBucket(f"Answers are written to {place}: give that as dest.", field=_DESTINATION)
        return asked
