"""The engine process: it holds the models, apart from the parent process, which holds the leases."""
