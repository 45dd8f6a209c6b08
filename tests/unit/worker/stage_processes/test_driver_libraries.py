"""The image computes on old drivers and on new ones: compatibility libraries are taken where they help."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.stage_processes.driver_libraries import (
    driver_version,
    has_cuda_driver,
    prefer_compatible_libraries,
)


@pytest.fixture
def compatibility(tmp_path: Path) -> Path:
    folder = tmp_path / "compat"
    folder.mkdir()
    for name in ("libcuda.so", "libcuda.so.1", "libcuda.so.580.95.05", "libnvidia-nvvm.so.4"):
        (folder / name).touch()
    return folder


@pytest.mark.parametrize("before", [None, "/usr/local/nvidia/lib64"])
def test_an_older_driver_gets_the_newer_libraries_first(compatibility: Path, before: str | None) -> None:
    environment = {} if before is None else {"LD_LIBRARY_PATH": before}
    assert prefer_compatible_libraries(environment, "535.216.03", compatibility)
    expected = str(compatibility) if before is None else f"{compatibility}:{before}"
    assert environment["LD_LIBRARY_PATH"] == expected


@pytest.mark.parametrize("driver", ["580.65.06", "580.126.09", "590.44.01", "610.1", None])
def test_a_driver_that_is_as_new_keeps_its_own(compatibility: Path, driver: str | None) -> None:
    environment = {"LD_LIBRARY_PATH": "/usr/local/nvidia/lib64"}
    assert not prefer_compatible_libraries(environment, driver, compatibility)
    assert environment == {"LD_LIBRARY_PATH": "/usr/local/nvidia/lib64"}


def test_an_image_without_the_libraries_changes_nothing(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    assert not prefer_compatible_libraries(environment, "535.216.03", tmp_path / "none")
    assert not environment


@pytest.mark.parametrize(
    ("line", "version"),
    [
        (
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.216.03  Fri Oct 25 22:43:06 UTC 2024",
            "535.216.03",
        ),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build", "580.95.05"),
    ],
)
def test_the_kernel_names_the_driver(tmp_path: Path, line: str, version: str) -> None:
    (tmp_path / "version").write_text(f"{line}\nGCC version:  gcc version 12.2.0\n")
    assert driver_version(tmp_path / "version", []) == version


def test_a_sandbox_without_the_kernels_file_tells_by_the_mounted_library(tmp_path: Path) -> None:
    mounted = tmp_path / "lib64"
    mounted.mkdir()
    (mounted / "libcuda.so.1").touch()
    (mounted / "libcuda.so.535.216.03").touch()
    assert driver_version(tmp_path / "none", [tmp_path / "missing", mounted]) == "535.216.03"
    assert driver_version(tmp_path / "none", [tmp_path / "missing"]) is None


def test_a_driver_is_there_if_its_library_loads() -> None:
    assert has_cuda_driver("libc.so.6")
    assert not has_cuda_driver("libcuda.so.999")
