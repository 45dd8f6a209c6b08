"""The HTTP server in front of every function: limits, bodies, errors, gunicorn's worker."""
