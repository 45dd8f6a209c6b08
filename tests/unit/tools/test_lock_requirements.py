"""The lock of the worker's image: it has everything that pyproject.toml asks for, each by its hashes."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from tools.lock_requirements import LOCK, LockError, check_lock, read_pins, read_requirements

HASH = "--hash=sha256:" + "0" * 64


def lines(*pins: str) -> str:
    return "".join(f"{pin} \\\n    {HASH}\n    # via somebody\n" for pin in pins)


def test_the_lock_that_is_shipped_fits() -> None:
    check_lock(LOCK.read_text("utf-8"), read_requirements())


def test_what_is_wanted_is_the_light_list_and_the_workers_extra() -> None:
    names = {requirement.name for requirement in read_requirements()}
    assert {"google-cloud-pubsub", "pydantic", "torch", "google-genai"} <= names
    assert not {"pytest", "typer"} & names


def test_the_shipped_lock_names_no_place_that_packages_come_from() -> None:
    text = LOCK.read_text("utf-8")
    assert "://" not in text
    assert "--find-links" not in text


def test_a_pin_is_read_with_its_marker_and_its_hashes() -> None:
    text = lines("Foo_Bar==1.2.3 ; sys_platform == 'linux'", "baz==4")
    assert list(read_pins(text)) == [("foo-bar", "1.2.3", True), ("baz", "4", True)]


@pytest.mark.parametrize(
    ("lock", "complaint"),
    [
        (lines("baz==4"), "foo"),
        (lines("foo==1.9"), "foo>=2 is not met by 1.9"),
        ("foo==2.1\n", "foo==2.1 has no hash"),
    ],
)
def test_what_does_not_fit_is_named(lock: str, complaint: str) -> None:
    with pytest.raises(LockError, match=complaint):
        check_lock(lock, [Requirement("foo>=2")])


def test_what_fits_passes() -> None:
    check_lock(lines("foo==2.1"), [Requirement("Foo>=2")])
