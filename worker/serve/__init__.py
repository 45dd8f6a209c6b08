"""The worker behind Vertex AI's contract for containers: jobs come as predictions, and go as manifests.

https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements
"""
