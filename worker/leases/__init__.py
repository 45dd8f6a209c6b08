"""Leases on jobs: how a worker claims a job, keeps it and gives it up."""
