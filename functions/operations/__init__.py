"""What an operator sees of all owners' jobs: the queue, the workers, failures, late deliveries."""
