"""Interactions, Google's interface in steps: an interaction is a job, and its id derives from the job's."""
