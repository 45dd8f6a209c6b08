"""What other services' interfaces do with their batches, for the function that reads the files."""

from __future__ import annotations

from ..batches.interfaces import BatchInterfaces
from .gemini.batches.batch_lines import DIALECT as GEMINI
from .gemini.batches.batch_lines import GeminiLines
from .gemini.prediction_jobs.job_lines import DIALECT as VERTEX
from .gemini.prediction_jobs.job_lines import PredictionLines
from .gemini.prediction_jobs.prediction_files import write_prediction_files
from .openai.batches.batch_lines import OpenAiLines
from .openai.batches.batch_output import DIALECT as OPENAI

BATCH_INTERFACES = BatchInterfaces(
    lines={OPENAI: OpenAiLines(), GEMINI: GeminiLines(), VERTEX: PredictionLines()},
    answers={VERTEX: write_prediction_files},
)
