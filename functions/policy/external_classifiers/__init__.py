"""Classifiers that others keep: asked after the policy has had its word, for prompts and for pictures."""
