"""Plantain's own API: jobs, batches, uploads, results and deliveries under ``/v1``."""
