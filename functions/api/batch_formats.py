"""The formats of batch files that other services' clients write, for the function that reads them."""

from __future__ import annotations

from ..batches.line_formats import LineFormats
from .gemini.batch_lines import DIALECT as GEMINI
from .gemini.batch_lines import GeminiLines
from .openai.batch_lines import OpenAiLines
from .openai.batch_output import DIALECT as OPENAI

BATCH_FORMATS: LineFormats = {OPENAI: OpenAiLines(), GEMINI: GeminiLines()}
