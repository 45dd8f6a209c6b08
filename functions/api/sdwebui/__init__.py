"""Stable Diffusion WebUI's interface: the routes that chat interfaces ask of it."""
