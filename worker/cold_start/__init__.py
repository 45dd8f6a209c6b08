"""The start of a worker: its parts by the clock, the model's files, and what was compiled before."""
