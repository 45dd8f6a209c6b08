"""The Model Context Protocol: agents make, edit and verify pictures through a Plantain."""
