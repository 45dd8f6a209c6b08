"""The worker's wiring, and a job's way through its lanes."""
