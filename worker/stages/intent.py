"""Intent: what the prompt asks for, by the rules, and by a language model where one is configured."""

from __future__ import annotations

from functions.contract.log import log
from functions.contract.manifest import IntentFacts
from functions.contract.request import JobRequest
from functions.policy import screen
from worker.chat.question import NoAnswer
from worker.stages.rules import understand
from worker.stages.work import IntakeTools, Work


def intent(work: Work, tools: IntakeTools) -> Work:
    """One reading of each prompt. What a model makes of it is drawn only where the policy allows it."""
    work.intents = tuple(_read(wish, work, tools) for wish in wishes(work.request))
    work.intent = work.intents[0]
    return work


def wishes(request: JobRequest) -> tuple[str, ...]:
    """What each drawing is asked for: a sequence's pictures are each of the shared subject."""
    if not request.prompts:
        return (request.prompt or "",)
    subject = f"{request.prompt}, " if request.prompt else ""
    return tuple(subject + prompt for prompt in request.prompts)


def _read(wish: str, work: Work, tools: IntakeTools) -> IntentFacts:
    task = work.request.task
    rules = understand(wish, is_edit=task == "edit")
    if tools.reader is None:
        return rules
    try:
        read = tools.reader.read(wish, task)
    except NoAnswer as error:
        log("intent.by_rules", "WARNING", job_id=work.job_id, reason=error.reason)
        return rules.model_copy(update={"fallback": error.reason})
    if screen(read.expanded, work.request.negative_prompt).verdict == "block":
        log("intent.by_rules", "WARNING", job_id=work.job_id, reason="blocked")
        return rules.model_copy(update={"fallback": "blocked"})
    drawn_from = wish if work.model in tools.plain_models else read.expanded or wish
    return read.model_copy(update={"prompt": drawn_from, "rules": rules})
