"""A job's files: the inputs it reads, the checkpoints and the results it writes."""
