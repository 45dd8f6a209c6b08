"""Clips in the shape of Veo: ``:predictLongRunning``, and the operations that end with a clip."""
