"""What a machine without the worker is told."""

from __future__ import annotations

import pytest

from local.stack import worker_packages
from local.stack.worker_packages import WorkerNotInstalled, check_worker_packages


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The packages of this machine, to be chosen by the test."""
    names: set[str] = set()

    def version_of(name: str) -> str | None:
        return "1" if name in names else None

    monkeypatch.setattr(worker_packages, "installed_version", version_of)
    return names


def test_what_is_missing_is_named_with_both_ways_out(installed: set[str]) -> None:
    installed |= {"numpy", "isal", "c2pa-python", "cryptography", "diffusers", "transformers", "accelerate"}
    with pytest.raises(WorkerNotInstalled) as refused:
        check_worker_packages("worker/embedded_model")
    assert "opencv-python-headless, torch, safetensors:" in refused.value.message
    assert "extra `worker`" in refused.value.message
    assert "--workers 0" in refused.value.message


@pytest.mark.parametrize("source", ["mock", "onnx:exported"])
def test_only_a_checkpoint_needs_torch(installed: set[str], source: str) -> None:
    installed |= {*worker_packages.EVERY_WORKER, "onnxruntime", "tokenizers"}
    check_worker_packages(source)
    with pytest.raises(WorkerNotInstalled, match="torch"):
        check_worker_packages("gs://bucket/klein")


def test_an_exported_model_asks_for_its_own_extra(installed: set[str]) -> None:
    installed |= set(worker_packages.EVERY_WORKER)
    with pytest.raises(WorkerNotInstalled, match=r"onnxruntime, tokenizers: .* extra `onnx`"):
        check_worker_packages("onnx:exported")
