"""Intent: reads what the prompt asks for, by rules, and by a language model where one is configured."""

from __future__ import annotations

from functions.contract.errors import ScreeningRefused, ScreeningUnavailable
from functions.contract.intent_facts import IntentFacts
from functions.contract.request import JobRequest
from functions.contract.telemetry.log import log
from worker.language_models.chat_request import ModelGaveNoAnswer
from worker.prompt_intent.english_prompt import write_plain_prompt
from worker.prompt_intent.intent_rules import read_intent
from worker.prompt_intent.pronouns import name_pronoun
from worker.stages.tools import IntakeTools
from worker.stages.work import Work


def intent(work: Work, tools: IntakeTools) -> Work:
    """Reads each prompt. A model's longer version is drawn only if the policy allows it as a prompt."""
    work.intents = tuple(
        _read_prompt(n, prompt, work, tools) for n, prompt in enumerate(prompts_to_draw(work.request))
    )
    work.intent = work.intents[0]
    return work


def prompts_to_draw(request: JobRequest) -> tuple[str, ...]:
    """Returns the prompt of each drawing; in a sequence the shared subject begins each of them.

    Where a region is named, "it" is the thing of this name.
    """
    if not request.prompts:
        return (name_pronoun(request.prompt or "", request.region_prompt or ""),)
    subject = f"{request.prompt}, " if request.prompt else ""
    return tuple(subject + prompt for prompt in request.prompts)


def _read_prompt(n: int, prompt: str, work: Work, tools: IntakeTools) -> IntentFacts:
    task, scenes_only = work.request.task, work.model in tools.scene_models
    rules = read_intent(prompt, is_edit=task == "edit", scenes_only=scenes_only)
    if scenes_only and task == "generate" and not work.request.images:
        rules = rules.model_copy(update={"prompt": write_plain_prompt(rules) or rules.prompt})
    if tools.reader is None:
        return rules
    try:
        read = tools.reader.read(prompt, task)
        is_allowed = _is_allowed(read.expanded, f"expansion {n}", work, tools)
    except ModelGaveNoAnswer as error:
        return _fall_back_on_rules(rules, error.reason, work)
    except (ScreeningUnavailable, ScreeningRefused) as error:  # the caller's own words were screened before
        return _fall_back_on_rules(rules, error.code, work)
    if not is_allowed:
        return _fall_back_on_rules(rules, "blocked", work)
    drawn_from = rules.prompt if work.model in tools.plain_models else read.expanded or prompt
    # A language model understands every word; a model with a vocabulary does not draw it all the same.
    of_rules = rules.model_dump(include={"unrecognized", "vocabulary"}) if scenes_only else {}
    return read.model_copy(update={"prompt": drawn_from, "rules": rules, **of_rules})


def _is_allowed(expanded: str | None, subject: str, work: Work, tools: IntakeTools) -> bool:
    """Screens a model's words like a caller's, and records the verdicts. Returns False if any is a block."""
    if not expanded:
        return True
    found = tools.screener.prompt(expanded, work.request.negative_prompt, subject=subject)
    work.verdicts += found
    return all(verdict.verdict != "block" for verdict in found)


def _fall_back_on_rules(rules: IntentFacts, reason: str, work: Work) -> IntentFacts:
    log("intent.by_rules", "WARNING", job_id=work.job_id, reason=reason)
    return rules.model_copy(update={"fallback": reason})
