"""A pipeline folder exported to ONNX files."""
