"""Intent: what the prompt asks for, by the rules, and by a language model where one is configured."""

from __future__ import annotations

from functions.contract.errors import ScreeningRefused, ScreeningUnavailable
from functions.contract.manifest import IntentFacts
from functions.contract.request import JobRequest
from functions.contract.telemetry.log import log
from worker.language_models.chat_request import ModelGaveNoAnswer
from worker.prompts.intent_rules import read_intent
from worker.stages.work import IntakeTools, Work


def intent(work: Work, tools: IntakeTools) -> Work:
    """One reading of each prompt. What a model makes of it is drawn only where it may be asked for itself."""
    work.intents = tuple(_read(n, wish, work, tools) for n, wish in enumerate(wishes(work.request)))
    work.intent = work.intents[0]
    return work


def wishes(request: JobRequest) -> tuple[str, ...]:
    """What each drawing is asked for: a sequence's pictures are each of the shared subject."""
    if not request.prompts:
        return (request.prompt or "",)
    subject = f"{request.prompt}, " if request.prompt else ""
    return tuple(subject + prompt for prompt in request.prompts)


def _read(n: int, wish: str, work: Work, tools: IntakeTools) -> IntentFacts:
    task = work.request.task
    rules = read_intent(wish, is_edit=task == "edit")
    if tools.reader is None:
        return rules
    try:
        read = tools.reader.read(wish, task)
        is_allowed = _may_be_asked_for(read.expanded, f"expansion {n}", work, tools)
    except ModelGaveNoAnswer as error:
        return _by_rules(rules, error.reason, work)
    except (ScreeningUnavailable, ScreeningRefused) as error:  # the caller's own words have been screened
        return _by_rules(rules, error.code, work)
    if not is_allowed:
        return _by_rules(rules, "blocked", work)
    drawn_from = wish if work.model in tools.plain_models else read.expanded or wish
    return read.model_copy(update={"prompt": drawn_from, "rules": rules})


def _may_be_asked_for(expanded: str | None, subject: str, work: Work, tools: IntakeTools) -> bool:
    """A model's words are screened like a caller's, and their verdicts recorded beside those."""
    if not expanded:
        return True
    found = tools.screener.prompt(expanded, work.request.negative_prompt, subject=subject)
    work.verdicts += found
    return all(verdict.verdict != "block" for verdict in found)


def _by_rules(rules: IntentFacts, reason: str, work: Work) -> IntentFacts:
    log("intent.by_rules", "WARNING", job_id=work.job_id, reason=reason)
    return rules.model_copy(update={"fallback": reason})
