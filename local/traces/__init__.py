"""Traces on the laptop: receives spans by OTLP and shows those of a job as a tree."""
