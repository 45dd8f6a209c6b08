"""The embedded model: its world of rendered scenes, its training, and its weights."""
