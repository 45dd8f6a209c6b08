"""Clips as files: frames are encoded and decoded one after the other, and never held all at once."""
