"""The tiny FLUX.2 klein of the ONNX engine's tests."""
