"""The contract of the functions and the worker: every document, every message, every object's name."""
