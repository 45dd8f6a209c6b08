"""The embedded model on a laptop or a phone: exported to ONNX, and run by onnxruntime, without torch."""
