# Where the classes are that we import. The package's own list imports its 400 models for type checkers, which
# takes pyright half a minute and a gigabyte. A class that is missing here is an error of `make check`.
from transformers.models.auto.image_processing_auto import AutoImageProcessor as AutoImageProcessor
from transformers.models.auto.tokenization_auto import AutoTokenizer as AutoTokenizer
from transformers.models.clip.configuration_clip import CLIPTextConfig as CLIPTextConfig
from transformers.models.clip.modeling_clip import CLIPTextModel as CLIPTextModel
from transformers.models.clip.modeling_clip import CLIPTextModelWithProjection as CLIPTextModelWithProjection
from transformers.models.clip.tokenization_clip import CLIPTokenizer as CLIPTokenizer
from transformers.models.gemma2.configuration_gemma2 import Gemma2Config as Gemma2Config
from transformers.models.gemma2.modeling_gemma2 import Gemma2Model as Gemma2Model
from transformers.models.gemma3.configuration_gemma3 import Gemma3TextConfig as Gemma3TextConfig
from transformers.models.gemma3.image_processing_gemma3 import Gemma3ImageProcessor as Gemma3ImageProcessor
from transformers.models.mistral3.configuration_mistral3 import Mistral3Config as Mistral3Config
from transformers.models.mistral3.modeling_mistral3 import (
    Mistral3ForConditionalGeneration as Mistral3ForConditionalGeneration,
)
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer as Qwen2Tokenizer
from transformers.models.qwen2_5_vl.configuration_qwen2_5_vl import Qwen2_5_VLConfig as Qwen2_5_VLConfig
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import (
    Qwen2_5_VLForConditionalGeneration as Qwen2_5_VLForConditionalGeneration,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
    Qwen2VLImageProcessorPil as Qwen2VLImageProcessorPil,
)
from transformers.models.qwen2_vl.processing_qwen2_vl import Qwen2VLProcessor as Qwen2VLProcessor
from transformers.models.qwen3.configuration_qwen3 import Qwen3Config as Qwen3Config
from transformers.models.qwen3.modeling_qwen3 import Qwen3ForCausalLM as Qwen3ForCausalLM
from transformers.models.qwen3.modeling_qwen3 import Qwen3Model as Qwen3Model
from transformers.models.shieldgemma2.configuration_shieldgemma2 import (
    ShieldGemma2Config as ShieldGemma2Config,
)
from transformers.models.shieldgemma2.modeling_shieldgemma2 import (
    ShieldGemma2ForImageClassification as ShieldGemma2ForImageClassification,
)
from transformers.models.shieldgemma2.processing_shieldgemma2 import (
    ShieldGemma2Processor as ShieldGemma2Processor,
)
from transformers.models.siglip.configuration_siglip import SiglipVisionConfig as SiglipVisionConfig
from transformers.models.t5.configuration_t5 import T5Config as T5Config
from transformers.models.t5.modeling_t5 import T5EncoderModel as T5EncoderModel
from transformers.models.umt5.configuration_umt5 import UMT5Config as UMT5Config
from transformers.models.umt5.modeling_umt5 import UMT5EncoderModel as UMT5EncoderModel
from transformers.processing_utils import ProcessorMixin as ProcessorMixin
from transformers.tokenization_utils_tokenizers import PreTrainedTokenizerFast as PreTrainedTokenizerFast
