"""The vision tools: critics, finders and suggesters, by rules, by the trained detector or by a model."""
