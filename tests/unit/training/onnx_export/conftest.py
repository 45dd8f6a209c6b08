"""The tiny FLUX.2 klein of the ONNX engine's tests."""

from tests.unit.worker.engines.diffusion.conftest import klein_directory as klein_directory
from tests.unit.worker.engines.onnx.conftest import engine as engine
from tests.unit.worker.engines.onnx.conftest import exported as exported
from tests.unit.worker.engines.onnx.conftest import model as model
from tests.unit.worker.engines.onnx.conftest import photo as photo
