"""A Dockerfile read, and carried out without Docker: its own COPY and RUN lines, in folders for layers."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

_ABSOLUTE = re.compile(r"(?<![\w./-])/(?=(?:opt|weights)\b)")  # the paths that the build makes itself


@dataclass(frozen=True)
class Instruction:
    name: str
    words: str

    @property
    def arguments(self) -> list[str]:
        return shlex.split(self.words)

    @property
    def options(self) -> dict[str, str]:
        """Those before the arguments: ``--from=source``."""
        found = [word[2:].partition("=") for word in self.arguments if word.startswith("--")]
        return {name: value for name, _, value in found}

    @property
    def paths(self) -> list[str]:
        return [word for word in self.arguments if not word.startswith("--")]


def read(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines()]


@dataclass
class Stage:
    """One of the image's stages: its own root folder, and where in it the instructions are carried out."""

    root: Path
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def path(self, inside: str) -> Path:
        return self.root / (Path(self.folder) / inside).as_posix().lstrip("/")


@dataclass
class Build:
    """Carries the instructions out. ``run`` gets each command, its paths already inside the stage's root."""

    context: Path
    roots: Path
    run: Callable[[str, Path, dict[str, str]], None]
    arguments: dict[str, str] = field(default_factory=dict[str, str])
    stages: dict[str, Stage] = field(default_factory=dict[str, Stage])
    settings: dict[str, str] = field(default_factory=dict[str, str])

    def carry_out(self, instructions: list[Instruction]) -> Stage:
        """The last stage."""
        stage: Stage | None = None
        for instruction in instructions:
            words = Template(instruction.words).safe_substitute({**self.arguments, **_environment(stage)})
            made = Instruction(instruction.name, words)
            if made.name == "ARG":
                name, _, default = made.words.partition("=")
                self.arguments.setdefault(name, default)
            elif made.name == "FROM":
                stage = self._begin(made)
            elif stage is not None:
                self._step(made, stage)
        assert stage is not None, "a Dockerfile has a stage"
        return stage

    def _begin(self, instruction: Instruction) -> Stage:
        base, *name = instruction.arguments
        key = name[-1] if name else "image"
        stage = Stage(self.roots / key)
        stage.root.mkdir(parents=True)
        if base in self.stages:
            stage.environment |= self.stages[base].environment
        self.stages[key] = stage
        return stage

    def _step(self, instruction: Instruction, stage: Stage) -> None:
        match instruction.name:
            case "WORKDIR":
                stage.folder = instruction.words
                stage.path(".").mkdir(parents=True, exist_ok=True)
            case "ENV":
                pairs = (word.partition("=") for word in instruction.arguments)
                stage.environment |= {name: value for name, _, value in pairs}
            case "COPY":
                self._copy(instruction, stage)
            case "RUN":
                command = _ABSOLUTE.sub(f"{stage.root}/", instruction.words)
                self.run(command, stage.path("."), _inside(stage))
            case other:
                assert other in ("USER", "LABEL", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"), other

    def _copy(self, instruction: Instruction, stage: Stage) -> None:
        """As Docker does: of a folder its content, of a file the file."""
        *sources, target = instruction.paths
        origin = instruction.options.get("from")
        into = stage.path(target)
        for source in sources:
            found = self.stages[origin].root / source.lstrip("/") if origin else self.context / source
            if found.is_dir():
                shutil.copytree(found, into, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place = into / found.name if target.endswith("/") else into
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, place)


def _environment(stage: Stage | None) -> Mapping[str, str]:
    return stage.environment if stage is not None else {}


def _inside(stage: Stage) -> dict[str, str]:
    """The stage's variables, with its own folders in the place of the image's."""
    return {name: _ABSOLUTE.sub(f"{stage.root}/", value) for name, value in stage.environment.items()}


def shell(command: str, folder: Path, environment: Mapping[str, str]) -> None:
    """Raises AssertionError with what the command said."""
    done = subprocess.run(
        ["sh", "-ec", command], cwd=folder, env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
