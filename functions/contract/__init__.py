"""What the functions and the worker agree on: the shapes on every wire, the names of every object."""
