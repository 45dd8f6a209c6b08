"""Model Armor, as its REST surface answers."""

from __future__ import annotations

from typing import Any

import pytest

from functions.contract.errors import ScreeningRefused, ScreeningUnavailable
from functions.policy.external_classifiers.model_armor import ModelArmorClassifier
from functions.policy.external_classifiers.protocol import ClassifierOutput
from tests.unit.functions.policy.external_classifiers.service import Service

TEMPLATE = "projects/p/locations/europe-west4/templates/pictures"
KINDS = ("sexually_explicit", "hate_speech", "harassment", "dangerous")


def armor(service: Service, *, seconds: float = 20) -> ModelArmorClassifier:
    return ModelArmorClassifier(TEMPLATE, token=lambda: "t0ken", seconds=seconds, url=service.url)


def state(found: bool) -> str:
    return "MATCH_FOUND" if found else "NO_MATCH_FOUND"


def answer(*found: str, invocation: str = "SUCCESS") -> dict[str, Any]:
    """What sanitizeUserPrompt answers when the filters ``found`` match."""

    def filtered(name: str) -> dict[str, Any]:
        return {"executionState": "EXECUTION_SUCCESS", "matchState": state(name in found)}

    kinds = {
        kind: {"matchState": state(kind in found)} | ({"confidenceLevel": "HIGH"} if kind in found else {})
        for kind in KINDS
    }
    rai = {
        "executionState": "EXECUTION_SUCCESS",
        "matchState": state(bool(set(found) & set(KINDS))),
        "raiFilterTypeResults": kinds,
    }
    return {
        "sanitizationResult": {
            "filterMatchState": state(bool(found)),
            "invocationResult": invocation,
            "filterResults": {
                "csam": {"csamFilterFilterResult": filtered("csam")},
                "malicious_uris": {"maliciousUriFilterResult": filtered("malicious_uris")},
                "rai": {"raiFilterResult": rai},
                "pi_and_jailbreak": {"piAndJailbreakFilterResult": filtered("pi_and_jailbreak")},
                "sdp": {"sdpFilterResult": {"inspectResult": filtered("sdp")}},
            },
            "sanitizationMetadata": {},
        }
    }


def test_it_asks_the_template_in_our_name(service: Service) -> None:
    service.answer = answer()
    assert armor(service).classify("a red boat") == ClassifierOutput("allow")
    (asked,) = service.asked
    assert asked.path == f"/v1/{TEMPLATE}:sanitizeUserPrompt"
    assert asked.headers["Authorization"] == "Bearer t0ken"
    assert asked.body == {"userPromptData": {"text": "a red boat"}}


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        (("csam",), ClassifierOutput("block", ("child_safety",))),
        (("sexually_explicit",), ClassifierOutput("block", ("sexual_content",))),
        (("hate_speech", "dangerous"), ClassifierOutput("block", ("hate", "dangerous_acts"))),
        (("harassment", "sdp"), ClassifierOutput("block", ("harassment",))),
        (("pi_and_jailbreak",), ClassifierOutput("review", ("pi_and_jailbreak",))),
        (("sdp",), ClassifierOutput("review", ("sdp",))),
        (("malicious_uris",), ClassifierOutput("review", ("malicious_uris",))),
    ],
)
def test_what_its_filters_find_is_named_as_the_policy_names_it(
    service: Service, found: tuple[str, ...], finding: ClassifierOutput
) -> None:
    service.answer = answer(*found)
    assert armor(service).classify("a prompt") == finding


def test_a_filter_that_is_not_known_blocks_all_the_same(service: Service) -> None:
    service.answer = {
        "sanitizationResult": {"filterMatchState": "MATCH_FOUND", "invocationResult": "SUCCESS"}
    }
    assert armor(service).classify("a prompt") == ClassifierOutput("block")


@pytest.mark.parametrize("invocation", ["PARTIAL", "FAILURE", "INVOCATION_RESULT_UNSPECIFIED"])
def test_filters_that_did_not_run_are_no_permission(service: Service, invocation: str) -> None:
    service.answer = answer(invocation=invocation)
    with pytest.raises(ScreeningUnavailable):
        armor(service).classify("a prompt")


def test_nor_is_an_answer_that_does_not_say_whether_they_ran(service: Service) -> None:
    service.answer = {"sanitizationResult": {"filterMatchState": "NO_MATCH_FOUND"}}
    with pytest.raises(ScreeningUnavailable):
        armor(service).classify("a prompt")


@pytest.mark.parametrize("name", ["csam", "rai", "sdp"])
def test_one_filter_that_was_skipped_is_no_permission(service: Service, name: str) -> None:
    told = answer()
    (finding,) = told["sanitizationResult"]["filterResults"][name].values()
    finding.get("inspectResult", finding)["executionState"] = "EXECUTION_SKIPPED"
    service.answer = told
    with pytest.raises(ScreeningUnavailable):
        armor(service).classify("a prompt")


def test_what_is_only_to_be_looked_at_does_not_hide_a_filter_that_did_not_run(service: Service) -> None:
    service.answer = answer("sdp", invocation="PARTIAL")
    with pytest.raises(ScreeningUnavailable):
        armor(service).classify("a prompt")


def test_content_that_one_filter_found_blocks_whether_the_others_ran_or_not(service: Service) -> None:
    service.answer = answer("csam", invocation="PARTIAL")
    assert armor(service).classify("a prompt") == ClassifierOutput("block", ("child_safety",))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_another_try_can_mend_this(service: Service, status: int) -> None:
    service.status = status
    with pytest.raises(ScreeningUnavailable, match=str(status)):
        armor(service).classify("a prompt")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_and_not_this(service: Service, status: int) -> None:
    service.status = status
    with pytest.raises(ScreeningRefused, match=str(status)):
        armor(service).classify("a prompt")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"sanitizationResult": {}}'])
def test_an_answer_that_is_none_is_no_permission(service: Service, body: bytes) -> None:
    service.answer = body
    with pytest.raises(ScreeningUnavailable):
        armor(service).classify("a prompt")


def test_it_waits_no_longer_than_it_may(service: Service) -> None:
    service.silent = True
    with pytest.raises(ScreeningUnavailable, match="ReadTimeout"):
        armor(service, seconds=0.2).classify("a prompt")


def test_an_unreachable_classifier_is_no_permission() -> None:
    with Service() as gone:
        address = gone.url
    unreachable = ModelArmorClassifier(TEMPLATE, token=lambda: "t", seconds=5, url=address)
    with pytest.raises(ScreeningUnavailable, match="ConnectError"):
        unreachable.classify("a prompt")


def test_an_error_does_not_repeat_the_prompt(service: Service) -> None:
    service.status, service.answer = 400, {"error": {"message": "bad prompt: a secret"}}
    with pytest.raises(ScreeningRefused) as caught:
        armor(service).classify("a secret")
    assert "secret" not in str(caught.value)


def test_it_reads_no_pictures(service: Service) -> None:
    with pytest.raises(ScreeningRefused):
        armor(service).classify(b"\xff\xd8")
    assert service.asked == []
