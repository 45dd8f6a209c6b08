"""The tools that the stages of each lane are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from functions.contract.intent_facts import IntentFacts
from functions.contract.manifest import ProofLevel
from functions.contract.tasks import Task
from functions.policy import Screener
from worker.engines.protocol import Engine, EnlargersOf, OnStep
from worker.lettering.reading import TextReader
from worker.stages.work import Work
from worker.vision.protocol import VisionTools
from worker.vision.vision_tools import RulesVisionTools
from worker.watermark import Watermarker

if TYPE_CHECKING:  # what reads credentials takes long to import, and only the marking process reads any
    from worker.verification import Examiner


class PromptReader(Protocol):
    """A language model that reads prompts."""

    def read(self, prompt: str, task: Task) -> IntentFacts:
        """Returns the intent of the prompt. Raises ModelGaveNoAnswer."""
        ...


@dataclass(frozen=True)
class IntakeTools:
    """Tools of the intake's stages, which run in the parent process, several jobs at a time."""

    reader: PromptReader | None = None  # None: the rules alone read prompts
    plain_models: tuple[str, ...] = ()  # models that draw the caller's own words, never the reader's
    screener: Screener = field(default_factory=Screener)  # which prompts and inputs are allowed
    scene_models: tuple[str, ...] = ()  # models that draw nothing beside the scene vocabulary


@dataclass(frozen=True)
class EngineTools:
    """Tools of the engine's stages, which run in the engine process, one job at a time."""

    engine: Callable[[str], Engine]  # by the model's name; loads it on first use
    enlargers: EnlargersOf
    marker: Watermarker  # for a trial, before networks enlarge a picture
    on_step: OnStep  # reports a step; raises Canceled, DeadlineExceeded or LeaseLost to stop
    save_checkpoint: Callable[[Work], None]  # after it a later failure resumes with the drawn pictures
    vision: VisionTools = field(
        default_factory=RulesVisionTools
    )  # judges, finds and suggests, by the model that draws
    reader: TextReader | None = None  # reads words in pictures; None: they are not read
    screener: Screener = field(default_factory=Screener)  # which pictures may be worked on, and leave
    watermark_proof: ProofLevel = "exact"  # what a picture's mark must survive, or the picture fails


@dataclass(frozen=True)
class MarkingTools:
    """Tools of the marking's stages, which run in the marking process, one job at a time."""

    marker: Watermarker
    examiner: Examiner  # reads marks of every known key, and content credentials
    screener: Screener = field(default_factory=Screener)  # which pictures may leave
    watermark_proof: ProofLevel = "exact"  # what a picture's mark must survive, or the picture fails


AnyTools = IntakeTools | EngineTools | MarkingTools
