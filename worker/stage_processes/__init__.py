"""The processes that run stages: the engine process holds the models, the marking process marks."""
