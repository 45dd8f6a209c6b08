"""Checks of what comes from outside, and the messages for values that are refused."""
