"""OpenAI's interface: images, chat completions and responses with pictures, models, provenance checks."""
