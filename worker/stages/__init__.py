"""The way of a picture, in order: one file per stage. A new stage is a file, and a line in ``line.py``."""
