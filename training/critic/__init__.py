"""Training of the scene critic's network."""
