"""The critic: a small network that sees what a picture shows, trained on the renderer's exact truth."""
