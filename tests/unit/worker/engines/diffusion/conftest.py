"""Tiny checkpoints of the real classes with random weights, each saved once as a user would save theirs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
from diffusers.pipelines.flux2.pipeline_flux2_klein import Flux2KleinPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    PreTrainedTokenizerFast,
    Qwen2Tokenizer,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5EncoderModel,
)

from worker.engines.diffusion import DiffusersEngine
from worker.engines.protocol import Brief, Picture

SENTENCES = [
    "a red boat on the sea at night",
    "a yellow banana in the snow by day",
    "make the boat green",
    "a house and a tree in a meadow at sunset",
]
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

TINY_VAE: dict[str, Any] = {
    "block_out_channels": [8, 16],
    "down_block_types": ["DownEncoderBlock2D"] * 2,
    "up_block_types": ["UpDecoderBlock2D"] * 2,
    "latent_channels": 4,
    "norm_num_groups": 4,
    "sample_size": 64,
}
TINY_TRANSFORMER: dict[str, Any] = {
    "in_channels": 16,
    "num_layers": 1,
    "num_single_layers": 1,
    "attention_head_dim": 16,
    "num_attention_heads": 2,
}


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tiny layers gain nothing from more, and the machine is shared."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def klein_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A FLUX.2 klein that draws 64 x 64 in multiples of 4 px, with guidance, and its card."""
    return _save_klein(tmp_path_factory.mktemp("klein"), TINY_VAE)


@pytest.fixture(scope="session")
def large_decoder_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a decoder of two levels more than its encoder: its pictures are four times as large."""
    levels = {"decoder_block_out_channels": [8, 8, 8, 16], "up_block_types": ["UpDecoderBlock2D"] * 4}
    return _save_klein(tmp_path_factory.mktemp("large-decoder"), TINY_VAE | levels)


def _save_klein(directory: Path, vae_config: dict[str, Any]) -> Path:
    torch.manual_seed(0)
    vae: Any = AutoencoderKLFlux2.from_config(vae_config)
    # Statistics other than 0 and 1, so that a test sees when they are not undone.
    vae.bn.running_mean.uniform_(-0.5, 0.5)
    vae.bn.running_var.uniform_(0.5, 2.0)
    transformer = Flux2Transformer2DModel.from_config(
        TINY_TRANSFORMER
        | {"joint_attention_dim": 48, "axes_dims_rope": [4, 4, 4, 4], "guidance_embeds": False}
    )
    parts: dict[str, Any] = {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": vae,
        "text_encoder": _qwen3(),
        "tokenizer": _qwen_tokenizer(),
        "transformer": transformer,
    }
    Flux2KleinPipeline(**parts).save_pretrained(directory)
    card = {
        "name": "tiny-klein",
        "revision": "r1",
        "native_area": 4096,
        "max_native_side": 128,
        "steps": 3,
        "guidance": 2.0,
        "max_sequence_length": 24,
        "tasks": ["generate", "edit"],
    }
    (directory / "plantain.json").write_text(json.dumps(card))
    return directory


@pytest.fixture(scope="session")
def sdxl_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SDXL that draws 64 x 64 and has no card."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel.from_config(
        {
            "sample_size": 32,
            "block_out_channels": [8, 16],
            "layers_per_block": 1,
            "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
            "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
            "attention_head_dim": [2, 4],
            "use_linear_projection": True,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "transformer_layers_per_block": [1, 1],
            "projection_class_embeddings_input_dim": 6 * 8 + 32,
            "cross_attention_dim": 2 * 32,
            "norm_num_groups": 4,
        }
    )
    vae: Any = AutoencoderKL.from_config(TINY_VAE)
    _certain(vae.quant_conv)
    parts: dict[str, Any] = {
        "vae": vae,
        "text_encoder": CLIPTextModel(_clip_config()),
        "text_encoder_2": CLIPTextModelWithProjection(_clip_config()),
        "tokenizer": _clip_tokenizer(tmp_path_factory.mktemp("clip")),
        "tokenizer_2": _clip_tokenizer(tmp_path_factory.mktemp("clip")),
        "unet": unet,
        "scheduler": EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
        ),
    }
    directory = tmp_path_factory.mktemp("sdxl")
    StableDiffusionXLPipeline(**parts, add_watermarker=False).save_pretrained(directory)
    return directory


@pytest.fixture(scope="session")
def flux1_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A FLUX.1 dev, whose card gives it the size 64 x 64."""
    torch.manual_seed(0)
    without_quant = {"use_quant_conv": False, "use_post_quant_conv": False}
    scale = {"shift_factor": 0.1, "scaling_factor": 0.4}
    vae: Any = AutoencoderKL.from_config(TINY_VAE | without_quant | scale)
    _certain(vae.encoder.conv_out)
    transformer = FluxTransformer2DModel.from_config(
        TINY_TRANSFORMER
        | {
            "joint_attention_dim": 32,
            "pooled_projection_dim": 32,
            "axes_dims_rope": [4, 4, 8],
            "guidance_embeds": True,
        }
    )
    parts: dict[str, Any] = {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": vae,
        "text_encoder": CLIPTextModel(_clip_config()),
        "tokenizer": _clip_tokenizer(tmp_path_factory.mktemp("clip")),
        "text_encoder_2": T5EncoderModel(
            T5Config(vocab_size=512, d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
        ),
        "tokenizer_2": _t5_tokenizer(),
        "transformer": transformer,
    }
    directory = tmp_path_factory.mktemp("flux1")
    FluxPipeline(**parts).save_pretrained(directory)
    (directory / "plantain.json").write_text('{"native_area": 4096, "max_native_side": 128, "steps": 3}')
    return directory


@pytest.fixture(scope="session")
def klein(klein_directory: Path) -> DiffusersEngine:
    return _loaded(klein_directory)


@pytest.fixture(scope="session")
def sdxl(sdxl_directory: Path) -> DiffusersEngine:
    return _loaded(sdxl_directory)


@pytest.fixture(scope="session")
def flux1(flux1_directory: Path) -> DiffusersEngine:
    return _loaded(flux1_directory)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., DiffusersEngine]:
    """``load(source, **how)``: an engine on the CPU, with a cache of its own."""

    def make(source: str | Path, **how: str) -> DiffusersEngine:
        engine = DiffusersEngine(source, cache=tmp_path / "cache", **({"device": "cpu"} | how))
        engine.load()
        return engine

    return make


@pytest.fixture
def draw() -> Callable[[DiffusersEngine], Picture]:
    """One picture, the same of engines that are the same."""

    def once(engine: DiffusersEngine) -> Picture:
        encoded = engine.encode(Brief(prompt="a red boat", width=64, height=64, steps=1))
        return engine.diffuse(encoded, 1, lambda _step, _of, _preview: None)

    return once


@pytest.fixture
def copy(klein_directory: Path, tmp_path: Path) -> Path:
    """The tiny klein's directory, to be spoilt."""
    return Path(shutil.copytree(klein_directory, tmp_path / "copy"))


@pytest.fixture
def photo() -> Callable[..., Picture]:
    """A picture of random colours: ``photo(width, height, seed)``."""

    def make(width: int = 96, height: int = 96, seed: int = 0) -> Picture:
        return np.random.default_rng(seed).random((height, width, 3), np.float32)

    return make


def _loaded(directory: Path) -> DiffusersEngine:
    engine = DiffusersEngine(directory, device="cpu")
    engine.load()
    return engine


def _certain(moments: Any) -> None:
    """Lowers the variance that the encoder gives its latents, as training does."""
    with torch.no_grad():
        moments.weight[4:] = 0
        moments.bias[4:] = -30


def _qwen3() -> Qwen3ForCausalLM:
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=512,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=4,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=8,
            max_position_embeddings=64,
        )
    )


def _byte_level(special: list[str], **words: Any) -> Tokenizer:
    """A BPE tokenizer trained on the sentences; ``words`` may give an end_of_word_suffix."""
    tokenizer = Tokenizer(models.BPE(**words))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        **words,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def _qwen_tokenizer() -> Qwen2Tokenizer:
    tokenizer = Qwen2Tokenizer(
        tokenizer_object=_byte_level(["<|endoftext|>", "<|im_start|>", "<|im_end|>"]),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _clip_tokenizer(directory: Path) -> CLIPTokenizer:
    """CLIP's own tokenizer class over a small vocabulary."""
    trained = json.loads(
        _byte_level(["<|startoftext|>", "<|endoftext|>"], end_of_word_suffix="</w>").to_str()
    )["model"]
    vocab = dict(trained["vocab"])
    for letter in pre_tokenizers.ByteLevel.alphabet():
        vocab.setdefault(f"{letter}</w>", len(vocab))
    (directory / "vocab.json").write_text(json.dumps(vocab))
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in trained["merges"]]
    (directory / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]))
    return CLIPTokenizer.from_pretrained(directory, model_max_length=77)


def _t5_tokenizer() -> Any:
    tokenizer = _byte_level(["<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=512,
    )


def _clip_config() -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=1024,
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        projection_dim=32,
        bos_token_id=0,
        eos_token_id=1,
    )
