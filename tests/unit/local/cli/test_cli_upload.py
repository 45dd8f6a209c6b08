"""What ``plantain upload`` writes on the object."""

from __future__ import annotations

from local.cli.upload import instruction_metadata


def test_options_are_the_object_s_own_instruction() -> None:
    fields = {"prompt": "make it blue", "aspect_ratio": "1:1", "seed": 0, "size": None}
    assert instruction_metadata(fields, "jpeg") == {
        "plantain-prompt": "make it blue",
        "plantain-aspect-ratio": "1:1",
        "plantain-seed": "0",
        "plantain-format": "jpeg",
    }


def test_the_result_s_name_alone_leaves_the_instruction_to_the_recipe() -> None:
    assert instruction_metadata({"prompt": None, "format": None}, "jpeg") == {}
