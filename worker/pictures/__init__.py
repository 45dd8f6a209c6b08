"""Pictures in and out: every accepted file becomes float sRGB, and results are encoded exactly."""
