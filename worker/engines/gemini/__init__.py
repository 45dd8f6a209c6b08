"""The engine that calls a Gemini image model. Importing this package imports nothing of it."""
