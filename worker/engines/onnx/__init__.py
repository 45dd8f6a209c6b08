"""The engine for models that were exported to ONNX: onnxruntime runs them, without torch."""
