"""The studio's files: what a first visit loads, and where they are."""

from __future__ import annotations

import re

from functions.api.request_body import MAX_BODY
from functions.batches.request_lines import MAX_ITEMS
from functions.contract.prompts import MAX_PROMPT, MAX_REGION_PROMPT
from functions.contract.request import MAX_COUNT, MAX_IMAGES, Correction
from functions.contract.sizes import MAX_EXACT_RATIO, MAX_EXACT_SIDE, MIN_EXACT_SIDE, MULTIPLE
from functions.intake.input_pictures import MAX_INLINE
from functions.studio.page import FILES
from worker.prompt_intent.intent_rules import read_intent

IMPORT = re.compile(r'(?:^import\b[^;"]*?\bfrom\s+|\bimport\()"([^"]+)"', re.MULTILINE)


def test_every_module_that_is_imported_is_there() -> None:
    for name, file in FILES.files.items():
        if not name.endswith(".js") or name.startswith("vendor/"):
            continue
        folder = name.rpartition("/")[0]
        for imported in IMPORT.findall(file.data.decode()):
            steps = [step for step in folder.split("/") if step]
            for step in imported.split("/"):
                if step == "..":
                    steps.pop()
                elif step != ".":
                    steps.append(step)
            assert "/".join(steps) in FILES.files, f"{name} imports {imported}"


def test_the_starter_knows_every_word_of_the_ideas() -> None:
    ideas = re.search(r"ideas: \[(.*?)\]", FILES.files["words.js"].data.decode(), re.DOTALL)
    prompts = re.findall(r'"([^"]+)"', ideas[1]) if ideas else []
    assert len(prompts) >= 3
    for prompt in prompts:
        assert read_intent(prompt, scenes_only=True).unrecognized == (), prompt


def test_no_file_is_long() -> None:
    ours = {name: file for name, file in FILES.files.items() if not name.startswith("vendor/")}
    assert {name for name, file in ours.items() if file.data.count(b"\n") > 300} == set()


def test_the_page_offers_what_a_request_may_have() -> None:
    text = FILES.files["state/limits.js"].data.decode()
    found = dict(re.findall(r"(\w+): (\d+(?: \* 2 \*\* 20)?),", text))
    attempts = Correction.model_json_schema()["properties"]["attempts"]["maximum"]
    assert found == {
        "prompt": str(MAX_PROMPT),
        "regionPrompt": str(MAX_REGION_PROMPT),
        "images": str(MAX_IMAGES),
        "count": str(MAX_COUNT),
        "attempts": str(attempts),
        "inlineBytes": f"{MAX_INLINE >> 20} * 2 ** 20",
        "filesTogether": "22 * 2 ** 20",
        "exactLeast": str(MIN_EXACT_SIDE),
        "exactMost": str(MAX_EXACT_SIDE),
        "exactMultiple": str(MULTIPLE),
        "exactRatio": str(MAX_EXACT_RATIO),
        "batchLines": str(MAX_ITEMS),
        "batchBytes": f"{MAX_BODY >> 20} * 2 ** 20",
    }
    assert (22 << 20) * 4 / 3 + MAX_PROMPT * 4 < MAX_BODY  # base64, and the words
