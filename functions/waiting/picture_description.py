"""What was understood of a prompt and what was corrected, as words that an answer has with its picture."""

from __future__ import annotations

from ..contract.intent_facts import FigureFacts, IntentFacts, is_unrecognized
from ..contract.manifest import AttemptFacts, ImageFacts, RegionFacts
from .finished_job import FinishedJob


def describe_picture(finished: FinishedJob, facts: ImageFacts) -> str:
    """Returns what was understood of the prompt, and what the correction loop did, in English; an empty text
    where nothing is known of either.
    """
    intent = facts.intent or finished.manifest.intent
    said = [_describe_intent(intent)] if intent else []
    said += [_describe_region(finished.manifest.region)]
    said += [_describe_attempts(facts.attempts)] if len(facts.attempts) > 1 else []
    said += [_describe_unchecked(facts.attempts)]
    return " ".join(text for text in said if text)


def _describe_intent(intent: IntentFacts) -> str:
    figures = [(_describe_figure(figure), figure.subject) for figure in intent.figures]
    named = figures or [(subject, subject) for subject in intent.subjects]
    mood = None if intent.vocabulary else intent.mood
    surroundings = (intent.setting, intent.place, intent.season, intent.weather, intent.light, intent.style)
    named += [(fact, fact) for fact in (*surroundings, mood) if fact]
    understood = [words for words, name in named if not is_unrecognized(name, intent.unrecognized)]
    said = [f"Understood: {', '.join(dict.fromkeys(understood))}."] if understood else []
    said += [f"Not understood: {', '.join(intent.unrecognized)}."] if intent.unrecognized else []
    said += (
        [f"Too long for the model, not read: {intent.prompt_truncated}."] if intent.prompt_truncated else []
    )
    return " ".join(said)


def _describe_region(region: RegionFacts | None) -> str:
    """Returns the words of a region's name that were not followed."""
    lost = region.unrecognized if region else ()
    return f"Not understood of the region's name: {', '.join(lost)}." if lost else ""


def _describe_figure(figure: FigureFacts) -> str:
    words = (str(figure.count) if figure.count else None, figure.size, figure.colour, figure.subject)
    return " ".join(word for word in words if word)


def _describe_attempts(attempts: tuple[AttemptFacts, ...]) -> str:
    chosen = next((n for n, attempt in enumerate(attempts, 1) if attempt.chosen), len(attempts))
    missed = list(
        dict.fromkeys(reason for attempt in attempts if not attempt.chosen for reason in attempt.reasons)
    )
    because = f" The others missed: {'; '.join(missed)}." if missed else ""
    return f"Of {len(attempts)} drawings, number {chosen} is delivered.{because}"


def _describe_unchecked(attempts: tuple[AttemptFacts, ...]) -> str:
    """Returns what could not be checked of the delivered drawing."""
    chosen = next((attempt for attempt in attempts if attempt.chosen), None)
    return f"Not checked: {', '.join(chosen.unchecked)}." if chosen and chosen.unchecked else ""
