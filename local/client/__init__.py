"""A client of the API, for the command line."""
