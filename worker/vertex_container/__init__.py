"""The worker as a Vertex AI container: a prediction request brings jobs, and its answer has their manifests.

https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements
"""
