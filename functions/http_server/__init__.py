"""The edge of HTTP in front of every function: limits, bodies, gunicorn's worker."""
