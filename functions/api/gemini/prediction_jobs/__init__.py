"""Vertex AI's batch prediction jobs: a file of requests in a bucket, and files of answers in another."""
