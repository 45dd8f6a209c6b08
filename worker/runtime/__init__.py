"""The worker's wiring, and the runner that takes jobs through their lanes."""
