"""What a job reads from its buckets and writes to them."""
