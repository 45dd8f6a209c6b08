"""The engine process: it holds the models, apart from the process that holds the leases."""
