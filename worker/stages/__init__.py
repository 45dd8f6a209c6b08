"""The stages that make a picture, one file each. A new stage is a file, and a line in ``pipeline.py``."""
