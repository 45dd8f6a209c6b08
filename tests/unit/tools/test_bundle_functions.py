"""The same source is the same zip, wherever and whenever it is made."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from tools.bundle_functions import SOURCE, bundle, main, tell_terraform, write


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "api").mkdir(parents=True)
    (folder / "main.py").write_text("entry = 1\n")
    (folder / "api" / "jobs.py").write_text("jobs = 1\n")
    (folder / "requirements.txt").write_text("pydantic\n")
    return folder


def names(data: bytes) -> list[str]:
    with ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()


def test_twice_is_the_same_bytes() -> None:
    assert bundle() == bundle()


def test_a_checkout_of_another_day_owner_and_mode_is_the_same_bytes(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "another"
    for file in sorted((path for path in source.rglob("*") if path.is_file()), reverse=True):
        target = copy / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        target.chmod(0o755)
        os.utime(target, (1_000_000_000, 1_000_000_000))
    assert bundle(copy) == bundle(source)


def test_another_source_is_another_zip(source: Path) -> None:
    before = bundle(source)
    (source / "main.py").write_text("entry = 2\n")
    assert bundle(source) != before


def test_caches_and_hidden_files_stay_out(source: Path) -> None:
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "main.cpython-311.pyc").write_bytes(b"x")
    (source / "api" / "stray.pyc").write_bytes(b"x")
    (source / ".env").write_text("SECRET=1\n")
    assert names(bundle(source)) == ["api/jobs.py", "main.py", "requirements.txt"]


def test_nothing_in_it_depends_on_the_release_of_zlib() -> None:
    with ZipFile(io.BytesIO(bundle())) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {ZIP_STORED}


def test_the_functions_source_root_is_the_zips_root() -> None:
    found = names(bundle())
    assert {"main.py", "requirements.txt", "contract/storage/paths.py"} <= set(found)
    expected = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set(found) == expected


def test_it_is_named_after_its_hash(source: Path, tmp_path: Path) -> None:
    first = write(tmp_path / "out", source)
    assert write(tmp_path / "out", source) == first
    (source / "main.py").write_text("entry = 2\n")
    assert write(tmp_path / "out", source).name != first.name


def test_terraform_is_told_where_it_is(source: Path, tmp_path: Path) -> None:
    terraform = tmp_path / "terraform"
    terraform.mkdir()
    zip = write(tmp_path / "dist", source)
    tell_terraform(terraform / "bundle.auto.tfvars.json", zip)
    told = json.loads((terraform / "bundle.auto.tfvars.json").read_text())["functions_zip"]
    assert (terraform / told).samefile(zip)


def test_the_command_prints_the_zips_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    assert Path(capsys.readouterr().out.strip()).parent == tmp_path
