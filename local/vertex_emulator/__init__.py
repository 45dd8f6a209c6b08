"""Vertex AI's REST surface on the laptop: endpoints and models, in front of a container that is real."""
