"""Checks of what comes from outside, and the words in which a value is refused."""
