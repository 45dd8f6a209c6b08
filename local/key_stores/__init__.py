"""Where `plantain keys` keeps the list of a deployment's keys: in a file, or in Secret Manager."""
