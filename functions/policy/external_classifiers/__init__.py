"""Classifiers that are external services, asked after the policy, for prompts and for pictures."""
