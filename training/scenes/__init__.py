"""Scenes, sampled at random and drawn as pictures at any size."""
