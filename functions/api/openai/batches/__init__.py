"""Batches of OpenAI's interface: files of calls, and files of their answers."""
