"""Which worker works on a job: claims, leases, heartbeats and progress."""
