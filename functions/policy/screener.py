"""Screens prompts and pictures with the policy and a deployment's classifiers, at admission and in
the worker.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..contract.errors import Blocked, BlockFacts, NotScreened, PromptBlocked, ScreeningRefused
from ..contract.errors import ScreeningUnavailable as Unavailable
from ..contract.manifest import ScreeningResult
from ..contract.policy_decision import Decision
from ..contract.telemetry.log import log
from .external_classifiers.protocol import Classifier, ClassifierOutput, Content
from .prompt_terms import screen_prompt
from .rules import shipped_policy

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letters that are confused when read aloud
_CODE_LETTERS = 10


@dataclass(frozen=True)
class Screener:
    """Asks the policy and the classifiers about prompts and pictures, and applies their answers.

    ``verdicts`` are decisions by category; they do not change a locked category. With ``fails_closed``
    nothing continues that its classifier has not seen, nor a picture without a classifier; otherwise that is
    recorded, and it continues.
    """

    text: Classifier | None = None
    image: Classifier | None = None
    verdicts: dict[str, Decision] = field(default_factory=dict[str, Decision])
    review_blocks: bool = False
    fails_closed: bool = False

    def policy(
        self, wanted: str | None, unwanted: str | None = None, *, subject: str = "prompt"
    ) -> ScreeningResult:
        """Returns the policy's decision, as this deployment applies it."""
        return self._taken(screen_prompt(wanted, unwanted, subject=subject, verdicts=self.verdicts))

    def prompt(
        self, wanted: str | None, unwanted: str | None = None, *, subject: str = "prompt"
    ) -> tuple[ScreeningResult, ...]:
        """Returns the policy's decision, and the classifier's if the policy lets the prompt pass.

        Raises ScreeningUnavailable and ScreeningRefused if it fails closed.
        """
        ours = self.policy(wanted, unwanted, subject=subject)
        if self.text is None or ours.verdict == "block" or not wanted:
            return (ours,)
        return ours, self._classified(self.text, wanted, subject)

    def picture(self, jpeg: bytes, subject: str) -> ScreeningResult:
        """Returns the classifier's decision on a picture.

        Raises NotScreened, ScreeningUnavailable and ScreeningRefused if it fails closed.
        """
        if self.image is not None:
            return self._classified(self.image, jpeg, subject)
        if self.fails_closed:
            raise NotScreened("No image classifier is configured: set PLANTAIN_IMAGE_CLASSIFIER.")
        return _not_classified(subject, "none")

    def admit(self, wanted: str | None, unwanted: str | None = None) -> None:
        """Screens a prompt at admission. Raises PromptBlocked, and whatever ``prompt`` raises."""
        raise_if_blocked(self.prompt(wanted, unwanted), wanted or "", PromptBlocked, field="prompt")

    def _classified(self, classifier: Classifier, content: Content, subject: str) -> ScreeningResult:
        try:
            finding = classifier.classify(content)
        except (Unavailable, ScreeningRefused) as error:
            if self.fails_closed:
                raise
            log("screening.skipped", "ERROR", by=classifier.name, subject=subject, code=error.code)
            return _not_classified(subject, classifier.name)
        return self._taken(_result_of(finding, subject, classifier.name))

    def _taken(self, verdict: ScreeningResult) -> ScreeningResult:
        if self.review_blocks and verdict.verdict == "review":
            return verdict.model_copy(update={"verdict": "block"})
        return verdict


def raise_if_blocked(
    verdicts: Iterable[ScreeningResult], content: Content, error: type[Blocked], *, field: str | None = None
) -> None:
    """Raises ``error`` for the first result that blocks. Logs the content's hash, never the content."""
    for verdict in verdicts:
        if verdict.verdict not in ("block", "review"):
            continue
        block = _block_facts(verdict, content)
        blocks = verdict.verdict == "block"
        log(
            "policy.blocked" if blocks else "policy.review",
            "WARNING" if blocks else "INFO",
            subject=verdict.subject,
            by=verdict.by,
            sha256=_hash_content(content),
            **block.model_dump(),
        )
        if blocks:
            raise error(_block_message(block), field=field, block=block)


def _block_message(block: BlockFacts) -> str:
    named = ", ".join(block.categories) or "unsafe content"
    return (
        f"The policy does not allow this ({named}). Quote {block.support_code} if you think it is mistaken."
    )


def _block_facts(verdict: ScreeningResult, content: Content) -> BlockFacts:
    return BlockFacts(
        categories=verdict.categories,
        policy_version=verdict.policy_version,
        support_code=_support_code(verdict, content),
    )


def _support_code(verdict: ScreeningResult, content: Content) -> str:
    """Returns a code that is the same for the same content, policy and judge, and so for a job's
    every attempt.
    """
    judged = "\n".join((verdict.policy_version, verdict.by, _hash_content(content)))
    number = int.from_bytes(hashlib.sha256(judged.encode()).digest())
    letters = [_ALPHABET[number >> 5 * n & 31] for n in range(_CODE_LETTERS)]
    return f"{''.join(letters[:5])}-{''.join(letters[5:])}"


def _hash_content(content: Content) -> str:
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


def _result_of(finding: ClassifierOutput, subject: str, by: str) -> ScreeningResult:
    return ScreeningResult(
        subject=subject,
        by=by,
        verdict=finding.ruling,
        categories=finding.categories,
        policy_version=shipped_policy().version,
    )


def _not_classified(subject: str, by: str) -> ScreeningResult:
    return ScreeningResult(
        subject=subject, by=by, verdict="not_classified", policy_version=shipped_policy().version
    )
