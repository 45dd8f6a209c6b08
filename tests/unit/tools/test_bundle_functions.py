"""The same source is the same zip, wherever and whenever it is made."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from tools.bundle_functions import SOURCE, main, write_bundle, write_tfvars, zip_functions


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
    assert zip_functions() == zip_functions()


def test_a_checkout_of_another_day_owner_and_mode_is_the_same_bytes(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "another"
    for file in sorted((path for path in source.rglob("*") if path.is_file()), reverse=True):
        target = copy / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        target.chmod(0o755)
        os.utime(target, (1_000_000_000, 1_000_000_000))
    assert zip_functions(copy) == zip_functions(source)


def test_another_source_is_another_zip(source: Path) -> None:
    before = zip_functions(source)
    (source / "main.py").write_text("entry = 2\n")
    assert zip_functions(source) != before


def test_caches_and_hidden_files_stay_out(source: Path) -> None:
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "main.cpython-311.pyc").write_bytes(b"x")
    (source / "api" / "stray.pyc").write_bytes(b"x")
    (source / ".env").write_text("SECRET=1\n")
    assert names(zip_functions(source)) == ["api/jobs.py", "main.py", "requirements.txt"]


def test_nothing_in_it_depends_on_the_release_of_zlib() -> None:
    with ZipFile(io.BytesIO(zip_functions())) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {ZIP_STORED}


def test_the_functions_source_root_is_the_zips_root() -> None:
    found = names(zip_functions())
    assert {"main.py", "requirements.txt", "contract/storage/job_store.py"} <= set(found)
    expected = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set(found) == expected


def test_it_is_named_after_its_hash(source: Path, tmp_path: Path) -> None:
    first = write_bundle(tmp_path / "out", source)
    assert write_bundle(tmp_path / "out", source) == first
    (source / "main.py").write_text("entry = 2\n")
    assert write_bundle(tmp_path / "out", source).name != first.name


def test_terraform_is_told_where_it_is(source: Path, tmp_path: Path) -> None:
    terraform = tmp_path / "terraform"
    terraform.mkdir()
    zip = write_bundle(tmp_path / "dist", source)
    write_tfvars(terraform / "bundle.auto.tfvars.json", zip)
    told = json.loads((terraform / "bundle.auto.tfvars.json").read_text())["functions_zip"]
    assert (terraform / told).samefile(zip)


def test_the_command_prints_the_zips_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    assert Path(capsys.readouterr().out.strip()).parent == tmp_path
