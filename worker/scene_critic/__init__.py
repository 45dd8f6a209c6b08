"""The scene critic: a small detection network, and the checks of its detections against a prompt."""
