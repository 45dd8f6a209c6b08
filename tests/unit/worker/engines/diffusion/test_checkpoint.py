"""A model's directory: what it says of itself, and what is said of one that cannot be used."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.checkpoint import fetch_checkpoint
from worker.known_models.known_model import known_models
from worker.known_models.pulled_models import LOCK_FILE, ModelLock, PulledModels

Load = Callable[..., DiffusersEngine]


def test_a_directory_says_its_name_revision_and_settings(klein: DiffusersEngine) -> None:
    assert (klein.name, klein.model, klein.revision) == ("diffusers", "tiny-klein", "r1")
    assert klein.native_size(1024, 1024) == (64, 64)


def test_a_card_names_the_networks_that_enlarge(copy: Path, load: Load) -> None:
    assert load(copy).enlargers == ()
    (copy / "plantain.json").write_text('{"enlarger": "illustration-x4", "max_sequence_length": 24}')
    assert load(copy).enlargers == ("illustration-x4",)
    card = '{"enlarger": "starter-x4", "further_enlarger": "illustration-x4", "max_sequence_length": 24}'
    (copy / "plantain.json").write_text(card)
    assert load(copy).enlargers == ("starter-x4", "illustration-x4")


def test_without_a_card_the_directory_s_name_and_a_fingerprint_serve(
    klein_directory: Path, copy: Path, tmp_path: Path
) -> None:
    (copy / "plantain.json").unlink()
    checkpoint = fetch_checkpoint(str(copy), tmp_path)
    assert checkpoint.model == "copy"
    assert checkpoint.revision == fetch_checkpoint(str(copy), tmp_path).revision
    weights = next(copy.glob("transformer/*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    assert fetch_checkpoint(str(copy), tmp_path).revision != checkpoint.revision


def test_what_a_card_leaves_open_comes_from_the_pipeline(copy: Path, load: Load) -> None:
    (copy / "plantain.json").write_text('{"max_sequence_length": 24}')
    assert load(copy).native_size(4096, 4096) == (1024, 1024)


def test_a_missing_directory_is_named_with_what_to_do(load: Load) -> None:
    with pytest.raises(ModelUnavailable, match=r"no model directory at /nowhere.*model_index\.json"):
        load("/nowhere")


def test_a_directory_without_a_pipeline_is_named(tmp_path: Path, load: Load) -> None:
    with pytest.raises(ModelUnavailable, match=r"not a diffusers pipeline"):
        load(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "\xff"])
def test_a_spoilt_index_is_named(copy: Path, text: str, load: Load) -> None:
    (copy / "model_index.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelUnavailable, match=r"model_index\.json"):
        load(copy)


def test_an_unknown_pipeline_class_is_named_with_those_there_are(copy: Path, load: Load) -> None:
    (copy / "model_index.json").write_text('{"_class_name": "KandinskyPipeline"}')
    with pytest.raises(ModelUnavailable, match=r"KandinskyPipeline.*Flux2KleinPipeline.*FluxPipeline"):
        load(copy)


@pytest.mark.parametrize(
    "card",
    ['{"steps": 0}', '{"native_area": "large"}', '{"dtype": "int4"}', "{", '{"text_encoder_out_layers": []}'],
)
def test_an_invalid_card_is_refused(copy: Path, card: str, load: Load) -> None:
    (copy / "plantain.json").write_text(card)
    with pytest.raises(ModelUnavailable, match=r"plantain\.json .* not valid"):
        load(copy)


@pytest.mark.parametrize(
    ("card", "said"),
    [('{"size_multiple": 6}', "multiple of 4"), ('{"native_area": 4194304}', "at most 1048576")],
)
def test_a_card_cannot_ask_for_sizes_that_the_pipeline_has_not(
    copy: Path, load: Load, card: str, said: str
) -> None:
    (copy / "plantain.json").write_text(card)
    with pytest.raises(ModelUnavailable, match=said):
        load(copy)


def with_cut_weights(copy: Path) -> None:
    path = next(copy.glob("transformer/*.safetensors"))
    path.write_bytes(path.read_bytes()[:-10])


def without_weights(copy: Path) -> None:
    next(copy.glob("vae/*.safetensors")).unlink()


def without_a_tokenizer(copy: Path) -> None:
    shutil.rmtree(copy / "tokenizer")


def with_a_broken_scheduler(copy: Path) -> None:
    (copy / "scheduler" / "scheduler_config.json").write_text("{")


def with_another_model_s_weights(copy: Path) -> None:
    (copy / "transformer" / "config.json").write_text("{}")


def without_a_vocabulary(copy: Path) -> None:
    (copy / "tokenizer" / "tokenizer.json").unlink()


@pytest.mark.parametrize("spoil", [without_a_tokenizer, without_a_vocabulary])
def test_a_tokenizer_without_words_is_refused(copy: Path, spoil: Callable[[Path], None], load: Load) -> None:
    spoil(copy)
    with pytest.raises(ModelUnavailable, match="no vocabulary"):
        load(copy)


@pytest.mark.parametrize(
    "spoil",
    [
        with_cut_weights,
        without_weights,
        with_a_broken_scheduler,
        with_another_model_s_weights,
    ],
)
def test_spoilt_files_are_a_model_that_is_unavailable(
    copy: Path, spoil: Callable[[Path], object], load: Load
) -> None:
    spoil(copy)
    with pytest.raises(ModelUnavailable, match=r"cannot be loaded on cpu: .+") as failure:
        load(copy)
    assert "Traceback" not in failure.value.message
    assert "\n" not in failure.value.message


def test_pickled_weights_are_not_read(copy: Path, load: Load) -> None:
    weights = next(copy.glob("vae/*.safetensors"))
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(ModelUnavailable):
        load(copy)


@pytest.mark.parametrize(
    ("how", "said"), [({"dtype": "int4"}, "no dtype int4"), ({"device": "cuda:7"}, "cuda:7")]
)
def test_a_dtype_or_device_that_is_not_there_is_named(
    klein_directory: Path, how: dict[str, str], said: str, load: Load
) -> None:
    with pytest.raises(ModelUnavailable, match=said):
        load(klein_directory, **how)


def pull_copy(copy: Path, cache: Path) -> Path:
    """Moves the tiny klein to where `plantain models pull klein` puts the real one."""
    (copy / "plantain.json").unlink()
    repository = known_models()["klein"].source
    facts = {"name": "klein", "repository": repository, "revision": "main", "commit": "ab" * 20}
    rest = {"pipeline": "Flux2KleinPipeline", "pulled": "2026-01-31T12:00:00Z", "files": {}}
    (copy / LOCK_FILE).write_text(ModelLock.model_validate(facts | rest).model_dump_json())
    folder = PulledModels(cache).directory("klein")
    folder.parent.mkdir(parents=True)
    return copy.rename(folder)


def test_a_pulled_model_is_found_by_its_name_its_commit_and_its_folder(copy: Path, tmp_path: Path) -> None:
    folder = pull_copy(copy, tmp_path / "cache")
    for source in (
        "klein",
        "klein@" + "ab" * 20,
        "black-forest-labs/FLUX.2-klein-4B@" + "ab" * 20,
        str(folder),
    ):
        checkpoint = fetch_checkpoint(source, tmp_path / "cache")
        assert (checkpoint.directory, checkpoint.revision) == (folder, "ab" * 20)


def test_a_known_name_that_was_not_pulled_needs_its_commit(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"plantain models pull klein.*klein@<commit>"):
        fetch_checkpoint("klein", tmp_path)
