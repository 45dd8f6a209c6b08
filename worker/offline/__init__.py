"""The worker's stages in one process: no bucket, queue or network."""
