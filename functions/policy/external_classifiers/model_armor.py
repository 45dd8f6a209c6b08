"""Model Armor, Google Cloud's screening of prompts. It reads text and documents, and no pictures.

https://cloud.google.com/security-command-center/docs/reference/model-armor/rest
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from ...contract.errors import ScreeningRefused
from .failures import error_for_status, no_usable_answer
from .protocol import ClassifierOutput, Content

_FOUND = "MATCH_FOUND"
_RAN = "EXECUTION_SUCCESS"
_CATEGORIES = {
    "csam": "child_safety",
    "sexually_explicit": "sexual_content",
    "hate_speech": "hate",
    "harassment": "harassment",
    "dangerous": "dangerous_acts",
}


class _ArmorModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, hide_input_in_errors=True)


class _Result(_ArmorModel):
    filter_match_state: Literal["MATCH_FOUND", "NO_MATCH_FOUND"]
    invocation_result: str = ""  # left out where nothing is known of it
    filter_results: Mapping[str, Mapping[str, Mapping[str, Any]]] = Field(default_factory=dict)


class _Sanitized(_ArmorModel):
    sanitization_result: _Result


class ModelArmorClassifier:
    """Asks the template ``projects/…/locations/…/templates/…``, with ``token()`` as the bearer token.

    ``url`` replaces the endpoint of the template's region.
    """

    name = "model_armor"

    def __init__(
        self, template: str, *, token: Callable[[], str], seconds: float, url: str | None = None
    ) -> None:
        region = template.split("/")[3]
        base = url or f"https://modelarmor.{region}.rep.googleapis.com"
        self._address = f"{base.rstrip('/')}/v1/{template}:sanitizeUserPrompt"
        self._token = token
        self._client = httpx.Client(timeout=seconds)

    def warm_up(self) -> None:
        """Does nothing: the service is called over HTTP."""

    def classify(self, content: Content) -> ClassifierOutput:
        """Classifies a prompt: see ``Classifier``. Raises ScreeningRefused for a picture."""
        if isinstance(content, bytes):
            raise ScreeningRefused("Model Armor classifies no pictures: set another image classifier.")
        result = self._ask(content)
        found = tuple(dict.fromkeys(_matched_filters(result)))
        known = tuple(_CATEGORIES[name] for name in found if name in _CATEGORIES)
        if known:  # other filters do not matter then
            return ClassifierOutput("block", known)
        if result.invocation_result != "SUCCESS" or not all(
            _has_run(each) for each in _filter_results(result)
        ):
            raise no_usable_answer(self.name, "not every filter ran")
        if found:
            # Injected instructions, personal data and bad links say nothing of what the picture would show.
            return ClassifierOutput("review", found)
        if result.filter_match_state == _FOUND:  # by a filter that this version does not know
            return ClassifierOutput("block")
        return ClassifierOutput("allow")

    def _ask(self, prompt: str) -> _Result:
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            answer = self._client.post(
                self._address, json={"userPromptData": {"text": prompt}}, headers=headers
            )
        except httpx.HTTPError as error:
            raise no_usable_answer(self.name, type(error).__name__) from None
        if answer.status_code != 200:
            raise error_for_status(self.name, answer.status_code)
        try:
            return _Sanitized.model_validate_json(answer.content).sanitization_result
        except ValidationError:
            raise no_usable_answer(self.name, "it is not as documented") from None


def _matched_filters(result: _Result) -> Iterator[str]:
    """Yields the filters that matched; for "rai", the kinds that did."""
    for name, wrapped in result.filter_results.items():
        for finding in wrapped.values():
            kinds = finding.get("raiFilterTypeResults", {})
            hits = [kind for kind, each in kinds.items() if each.get("matchState") == _FOUND]
            if hits:
                yield from hits
            elif any(part.get("matchState") == _FOUND for part in _result_parts(finding)):
                yield name


def _filter_results(result: _Result) -> Iterator[Mapping[str, Any]]:
    for wrapped in result.filter_results.values():
        yield from wrapped.values()


def _has_run(finding: Mapping[str, Any]) -> bool:
    """Returns False for a filter that was skipped: the prompt is too long for it, or in a language that it
    lacks.
    """
    return all(part.get("executionState", _RAN) == _RAN for part in _result_parts(finding))


def _result_parts(finding: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yields what a filter says, and what the filters inside it say."""
    yield finding
    yield from (part for part in finding.values() if isinstance(part, dict))
