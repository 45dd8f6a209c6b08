"""Training of the networks that ship with Plantain. It is no part of the worker's image."""
