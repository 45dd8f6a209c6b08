"""Reads what a prompt asks for, by rules or with a language model."""
