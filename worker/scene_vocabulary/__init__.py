"""The words for scenes: everything that the embedded model can draw, and what people call it."""
