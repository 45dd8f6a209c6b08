"""Tiny checkpoints of the newer families: the real classes with random weights, saved as a user would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_dc import AutoencoderDC
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.autoencoders.autoencoder_kl_qwenimage import AutoencoderKLQwenImage
from diffusers.models.transformers.sana_transformer import SanaTransformer2DModel
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from diffusers.models.transformers.transformer_qwenimage import QwenImageTransformer2DModel
from diffusers.models.transformers.transformer_sd3 import SD3Transformer2DModel
from diffusers.models.transformers.transformer_z_image import ZImageTransformer2DModel
from diffusers.pipelines.flux2.pipeline_flux2 import Flux2Pipeline
from diffusers.pipelines.qwenimage.pipeline_qwenimage import QwenImagePipeline
from diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus import QwenImageEditPlusPipeline
from diffusers.pipelines.sana.pipeline_sana import SanaPipeline
from diffusers.pipelines.sana.pipeline_sana_sprint import SanaSprintPipeline
from diffusers.pipelines.stable_diffusion_3.pipeline_stable_diffusion_3 import StableDiffusion3Pipeline
from diffusers.pipelines.z_image.pipeline_z_image import ZImagePipeline
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from diffusers.schedulers.scheduling_scm import SCMScheduler
from transformers import (
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    Gemma2Config,
    Gemma2Model,
    Mistral3Config,
    Mistral3ForConditionalGeneration,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3Model,
    T5Config,
    T5EncoderModel,
)

from tests.unit.worker.engines.diffusion.tiny_tokenizers import (
    clip_tokenizer,
    mistral_tokenizer,
    qwen_tokenizer,
    t5_tokenizer,
)

TINY_VAE: dict[str, Any] = {
    "block_out_channels": [8, 16],
    "down_block_types": ["DownEncoderBlock2D"] * 2,
    "up_block_types": ["UpDecoderBlock2D"] * 2,
    "latent_channels": 4,
    "norm_num_groups": 4,
    "sample_size": 64,
}
TINY_FLUX: dict[str, Any] = {
    "in_channels": 16,
    "num_layers": 1,
    "num_single_layers": 1,
    "attention_head_dim": 16,
    "num_attention_heads": 2,
}
_QWEN3: dict[str, Any] = {
    "vocab_size": 512,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 64,
}


def qwen3() -> Qwen3ForCausalLM:
    return Qwen3ForCausalLM(Qwen3Config(**_QWEN3))


def clip_config() -> CLIPTextConfig:
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


def t5_encoder(width: int) -> T5EncoderModel:
    return T5EncoderModel(T5Config(vocab_size=512, d_model=width, d_kv=8, d_ff=32, num_layers=1, num_heads=2))


def shifted_vae(channels: int = 4) -> Any:
    """An AutoencoderKL with a scale and a shift that a test sees when they are not undone."""
    without_quant = {"use_quant_conv": False, "use_post_quant_conv": False}
    vae: Any = AutoencoderKL.from_config(
        TINY_VAE | without_quant | {"latent_channels": channels, "shift_factor": 0.1, "scaling_factor": 0.4}
    )
    make_certain(vae.encoder.conv_out, channels)
    return vae


def flux2_vae(config: dict[str, Any]) -> Any:
    """An AutoencoderKLFlux2 with statistics that a test sees when they are not undone."""
    vae: Any = AutoencoderKLFlux2.from_config(config)
    vae.bn.running_mean.uniform_(-0.5, 0.5)
    vae.bn.running_var.uniform_(0.5, 2.0)
    return vae


def make_certain(moments: Any, channels: int = 4) -> None:
    """Lowers the variance that the encoder gives its latents, as training does."""
    with torch.no_grad():
        moments.weight[channels:] = 0
        moments.bias[channels:] = -30


def write_card(directory: Path, **facts: Any) -> Path:
    """Gives the model the size 64 x 64 and three steps, and whatever ``facts`` say."""
    card = {"native_area": 4096, "max_native_side": 128, "steps": 3}
    (directory / "plantain.json").write_text(json.dumps(card | facts))
    return directory


def _sana_parts(guidance_embeds: bool) -> dict[str, Any]:
    torch.manual_seed(0)
    levels: dict[str, Any] = {"block_types": ("ResBlock", "EfficientViTBlock"), "block_out_channels": (8, 8)}
    levels |= {"qkv_multiscales": ((), (5,)), "layers_per_block": (1, 1)}
    both: dict[str, Any] = {
        f"{half}_{name}": value for half in ("encoder", "decoder") for name, value in levels.items()
    }
    transformer = SanaTransformer2DModel(
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_attention_heads=2,
        attention_head_dim=4,
        num_cross_attention_heads=2,
        cross_attention_head_dim=4,
        cross_attention_dim=8,
        caption_channels=8,
        sample_size=32,
        patch_size=1,
        guidance_embeds=guidance_embeds,
        qk_norm="rms_norm_across_heads" if guidance_embeds else None,
    )
    return {
        "transformer": transformer,
        "vae": AutoencoderDC(
            latent_channels=4,
            attention_head_dim=2,
            upsample_block_type="interpolate",
            downsample_block_type="conv",
            decoder_norm_types="rms_norm",
            decoder_act_fns="silu",
            scaling_factor=0.41407,
            **both,
        ),
        "tokenizer": t5_tokenizer(),
        "text_encoder": Gemma2Model(
            Gemma2Config(
                vocab_size=512,
                hidden_size=8,
                intermediate_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                num_key_value_heads=2,
                head_dim=4,
            )
        ),
    }


def save_sana(directory: Path) -> Path:
    """A SANA with the solver of the published models."""
    scheduler = DPMSolverMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )
    SanaPipeline(scheduler=scheduler, **_sana_parts(guidance_embeds=False)).save_pretrained(directory)
    return write_card(directory, max_sequence_length=24)


def save_sana_sprint(directory: Path) -> Path:
    parts: dict[str, Any] = _sana_parts(guidance_embeds=True) | {"scheduler": SCMScheduler()}
    SanaSprintPipeline(**parts).save_pretrained(directory)
    return write_card(directory, max_sequence_length=24, steps=2)


def save_qwen_image(directory: Path) -> Path:
    QwenImagePipeline(tokenizer=qwen_tokenizer(), **_qwen_image_parts()).save_pretrained(directory)
    return write_card(directory, max_sequence_length=300)


def save_qwen_image_edit(directory: Path) -> Path:
    """A Qwen-Image-Edit whose index names the published model's processor."""
    tokenizer = qwen_tokenizer("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    parts: dict[str, Any] = _qwen_image_parts(**_vision_tokens(tokenizer))
    parts |= {"tokenizer": tokenizer, "processor": None}
    QwenImageEditPlusPipeline(**parts).save_pretrained(directory)
    tokenizer.save_pretrained(directory / "processor")
    Qwen2VLImageProcessorPil(min_pixels=28 * 28, max_pixels=56 * 56).save_pretrained(directory / "processor")
    index = json.loads((directory / "model_index.json").read_bytes())
    index["processor"] = ["transformers", "Qwen2VLProcessor"]
    (directory / "model_index.json").write_text(json.dumps(index))
    return write_card(directory)


def _vision_tokens(tokenizer: Any) -> dict[str, int]:
    names = {
        "vision_start": "vision_start",
        "vision_end": "vision_end",
        "image": "image_pad",
        "video": "video_pad",
    }
    return {
        f"{name}_token_id": tokenizer.convert_tokens_to_ids(f"<|{token}|>") for name, token in names.items()
    }


def _qwen_image_parts(**config: Any) -> dict[str, Any]:
    torch.manual_seed(0)
    vae: Any = AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 2],
        num_res_blocks=1,
        temperal_downsample=[False],
        latents_mean=[0.1, -0.1, 0.2, 0.0],
        latents_std=[1.0, 0.5, 2.0, 1.5],
    )
    make_certain(vae.quant_conv)
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": vae,
        "text_encoder": Qwen2_5_VLForConditionalGeneration(_qwen_vl_config(**config)),
        "transformer": QwenImageTransformer2DModel(
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=16,
            axes_dims_rope=(8, 4, 4),
        ),
    }


def _qwen_vl_config(**tokens: Any) -> Qwen2_5_VLConfig:
    return Qwen2_5_VLConfig(
        **tokens,
        text_config={
            "vocab_size": 512,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "rope_scaling": {"type": "default", "rope_type": "default", "mrope_section": [1, 1, 2]},
        },
        vision_config={
            "depth": 2,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": 16,
        },
    )


def save_z_image(directory: Path) -> Path:
    torch.manual_seed(0)
    transformer: Any = ZImageTransformer2DModel(
        in_channels=4,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[8, 4, 4],
        axes_lens=[256, 32, 32],
    )
    with torch.no_grad():  # empty until weights are loaded
        transformer.x_pad_token.normal_()
        transformer.cap_pad_token.normal_()
    parts: dict[str, Any] = {
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
        "vae": shifted_vae(),
        "text_encoder": Qwen3Model(Qwen3Config(**_QWEN3)),
        "tokenizer": qwen_tokenizer(),
        "transformer": transformer,
    }
    ZImagePipeline(**parts).save_pretrained(directory)
    return write_card(directory, max_sequence_length=24, guidance=2.0)


def save_sd3(directory: Path, scratch: Path) -> Path:
    """``scratch`` is a folder for the tokenizers' files."""
    torch.manual_seed(0)
    parts: dict[str, Any] = {
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
        "vae": shifted_vae(16),  # the pipeline for regions takes no other number of channels
        "text_encoder": CLIPTextModelWithProjection(clip_config()),
        "tokenizer": clip_tokenizer(scratch),
        "text_encoder_2": CLIPTextModelWithProjection(clip_config()),
        "tokenizer_2": clip_tokenizer(scratch),
        "text_encoder_3": t5_encoder(64),
        "tokenizer_3": t5_tokenizer(),
        "transformer": SD3Transformer2DModel(
            sample_size=32,
            patch_size=2,
            in_channels=16,
            out_channels=16,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=4,
            joint_attention_dim=64,
            caption_projection_dim=32,
            pooled_projection_dim=64,
            pos_embed_max_size=96,
            qk_norm="rms_norm",
            dual_attention_layers=(0,),
        ),
    }
    StableDiffusion3Pipeline(**parts).save_pretrained(directory)
    return write_card(directory, max_sequence_length=24, guidance=2.0)


def save_flux2_dev(directory: Path) -> Path:
    """A FLUX.2 dev whose index names the published model's processor, which is saved as a tokenizer."""
    torch.manual_seed(0)
    layers = {"vocab_size": 512, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 4}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8}
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = Mistral3Config(
        text_config={"model_type": "mistral", **layers, **heads},
        vision_config={"model_type": "pixtral", "head_dim": 8, "patch_size": 2, "image_size": 8, **vision},
    )
    parts: dict[str, Any] = {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": flux2_vae(TINY_VAE),
        "text_encoder": Mistral3ForConditionalGeneration(config),
        "tokenizer": mistral_tokenizer(),
        "transformer": Flux2Transformer2DModel.from_config(
            TINY_FLUX | {"joint_attention_dim": 48, "axes_dims_rope": [4, 4, 4, 4], "guidance_embeds": True}
        ),
    }
    Flux2Pipeline(**parts).save_pretrained(directory)
    index = json.loads((directory / "model_index.json").read_bytes())
    index["tokenizer"] = ["transformers", "PixtralProcessor"]
    (directory / "model_index.json").write_text(json.dumps(index))
    return write_card(directory, max_sequence_length=24)
