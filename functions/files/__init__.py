"""Files that callers keep for later requests: pictures, and the requests of batches."""
