"""The starter on a device of one's own: exported to ONNX, and drawn with by onnxruntime, without torch."""
