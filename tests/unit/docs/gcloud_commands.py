"""The gcloud commands that our texts name, and what gcloud itself knows of them.

``python -m tests.unit.docs.gcloud_commands`` records the flags of every command that is named, from the tree
that gcloud ships for completion: run it where gcloud is installed, once a text names a new command.
"""

from __future__ import annotations

import json
import re
import runpy
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
RECORD = Path(__file__).with_name("gcloud_commands.json")
TEXTS = ("README.md", "docs/**/*.md", ".github/workflows/*.yml", "terraform/**/*.tf", "terraform/envs/*")

_FENCE = re.compile(r"^[ ]*```[^\n]*\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
_COMMAND = re.compile(r"\bgcloud +(?=[a-z-])")
_PROSE = {"and", "or"}  # "as gcloud and CREMA take it": no command


@dataclass(frozen=True)
class Named:
    """One command line: where it stands, its words before the first flag, and its flags."""

    file: str
    words: tuple[str, ...]
    flags: frozenset[str]

    def __str__(self) -> str:
        return f"{self.file}: gcloud {' '.join((*self.words, *sorted(self.flags)))}"


def named_commands() -> Iterator[Named]:
    """Yields the gcloud commands of every text."""
    for pattern in TEXTS:
        for path in sorted(ROOT.glob(pattern)):
            file = str(path.relative_to(ROOT))
            for code in code_of(path.read_text("utf-8"), markdown=path.suffix == ".md"):
                for line in _COMMAND.split(code)[1:]:
                    named = read_command(file, line)
                    if named.words and named.words[0] not in _PROSE:
                        yield named


def code_of(text: str, *, markdown: bool) -> Iterator[str]:
    """Yields the text's code: of Markdown what is fenced, and each span."""
    text = re.sub(r"\\\n\s*", " ", text)
    if not markdown:
        yield from text.splitlines()
        return
    for fenced in _FENCE.findall(text):
        yield from fenced.splitlines()
    for span in _SPAN.findall(_FENCE.sub("", text)):
        yield " ".join(span.split())


def read_command(file: str, line: str) -> Named:
    """Returns the command that ``line``, what stands behind ``gcloud``, begins with."""
    flags: set[str] = set()
    words: list[str] = []
    for token in _tokens(line):
        if token.startswith("--"):
            flags.add(token.partition("=")[0])
        elif not flags:
            words.append(token)
    return Named(file, tuple(words), frozenset(flags))


def _tokens(line: str) -> Iterator[str]:
    """Yields the words of one simple command: up to a pipe, a redirection, a closing bracket or a comment."""
    reader = shlex.shlex(line, posix=True, punctuation_chars="|;<>)&")
    reader.whitespace_split = True
    reader.commenters = "#"
    try:
        for token in reader:
            if token and set(token) <= set("|;<>)&"):
                return
            yield token.rstrip(".")
    except ValueError:  # a quotation mark that the surrounding text closes
        return


@dataclass(frozen=True)
class Record:
    """The commands that were recorded, each with its flags; a group of commands has None."""

    version: str
    everywhere: frozenset[str]
    commands: dict[str, list[str] | None]

    def fault(self, named: Named) -> str | None:
        """Returns what is wrong with a command, in words; None if nothing is."""
        known = [n for n in range(len(named.words) + 1) if " ".join(named.words[:n]) in self.commands]
        length = max(known, default=0)
        flags = self.commands.get(" ".join(named.words[:length])) if length else None
        if flags is None and length < len(named.words):
            return f"gcloud has no {' '.join(named.words[: length + 1])}, or it was not recorded"
        unknown = named.flags - self.everywhere - {*(flags or ())}
        return f"it has no {', '.join(sorted(unknown))}" if unknown else None


def read_record() -> Record:
    found = json.loads(RECORD.read_text())
    return Record(found["version"], frozenset(found["everywhere"]), found["commands"])


def installed_record() -> Record | None:
    """Returns what the installed gcloud says of the commands that are named; None without a gcloud."""
    program = shutil.which("gcloud")
    if program is None:
        return None
    tree = Path(program).resolve().parents[1] / "data" / "cli" / "gcloud_completions.py"
    if not tree.exists():
        return None
    root: dict[str, Any] = runpy.run_path(str(tree))["STATIC_COMPLETION_CLI_TREE"]
    commands: dict[str, list[str] | None] = {}
    for named in named_commands():
        node = root
        for n, word in enumerate(named.words, 1):
            if word not in node.get("commands", {}):
                break
            node = node["commands"][word]
            commands[" ".join(named.words[:n])] = None if node.get("commands") else _flags(node)
    return Record(_version(program), frozenset(_flags(root)), dict(sorted(commands.items())))


def _flags(node: dict[str, Any]) -> list[str]:
    """Returns the node's flags; one that is on or off has its ``--no-`` beside it."""
    flags = {name: kind for name, kind in node.get("flags", {}).items() if name.startswith("--")}
    off = {f"--no-{name[2:]}" for name, kind in flags.items() if kind == "bool"}
    return sorted({*flags, *off})


def _version(program: str) -> str:
    said = subprocess.run([program, "version", "--format=json"], capture_output=True, check=True)
    return json.loads(said.stdout)["Google Cloud SDK"]


def main() -> None:
    found = installed_record()
    if found is None:
        raise SystemExit("gcloud is not installed here.")
    written = {
        "version": found.version,
        "everywhere": sorted(found.everywhere),
        "commands": found.commands,
    }
    RECORD.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
