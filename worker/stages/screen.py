"""Screen: the policy's word on the prompt before anything is drawn, and on the pictures before they leave."""

from __future__ import annotations

from functions.contract.errors import PromptBlocked
from functions.contract.manifest import Verdict
from functions.policy import policy, screen
from worker.stages.work import Work


def screen_request(work: Work) -> Work:
    """Prompts that came past the door, from uploads and recipes, are screened like all others.

    Raises PromptBlocked, which names the categories and never the words.
    """
    found = screen(work.request.prompt, work.request.negative_prompt)
    work.verdicts.append(found)
    if found.verdict == "block":
        raise PromptBlocked(f"The policy blocks: {', '.join(found.categories)}.")
    work.verdicts += [_unclassified(f"input {n}") for n in range(len(work.images))]
    return work


def screen_pictures(work: Work) -> Work:
    """No image classifier is configured, and the verdict says so rather than that all is well."""
    work.verdicts += [_unclassified(f"picture {picture.n}") for picture in work.pictures]
    return work


def _unclassified(subject: str) -> Verdict:
    return Verdict(subject=subject, verdict="not_classified", policy_version=policy().version)
