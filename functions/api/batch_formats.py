"""The formats of batch files that other services' clients write, for the function that reads them."""

from __future__ import annotations

from ..batches.line_formats import LineFormats
from .gemini.batches.batch_lines import DIALECT as GEMINI
from .gemini.batches.batch_lines import GeminiLines
from .openai.batches.batch_lines import OpenAiLines
from .openai.batches.batch_output import DIALECT as OPENAI

BATCH_FORMATS: LineFormats = {OPENAI: OpenAiLines(), GEMINI: GeminiLines()}
