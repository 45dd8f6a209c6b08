"""Traces on the laptop: whoever sends spans by OTLP is heard, and a job's are shown as a tree."""
