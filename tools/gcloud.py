"""Asks gcloud, and reads its JSON."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any


class GcloudNotFound(Exception):
    """There is no gcloud on the PATH."""


class GcloudFailed(Exception):
    """gcloud refused, or its answer is no JSON. ``reason`` is the first line that it wrote about it."""

    def __init__(self, command: str, said: str) -> None:
        self.command = command
        self.said = said
        self.reason = next((line for line in said.splitlines() if line.strip()), "it says nothing")
        super().__init__(f"{command}: {self.reason}")

    def says(self, *words: str) -> bool:
        """Returns True if any of ``words`` stands in what gcloud wrote."""
        return any(word in self.said for word in words)


class Gcloud:
    """The gcloud that is first on the PATH. It never asks the user a question."""

    def ask(self, *words: str) -> Any:
        """Returns the answer to ``gcloud words --format=json``. Raises GcloudFailed and GcloudNotFound."""
        command = ("gcloud", *words, "--format=json")
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "CLOUDSDK_CORE_DISABLE_PROMPTS": "1"},
            )
        except FileNotFoundError:
            raise GcloudNotFound from None
        if done.returncode:
            raise GcloudFailed(" ".join(command), done.stderr)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise GcloudFailed(" ".join(command), "The answer is no JSON.") from None
