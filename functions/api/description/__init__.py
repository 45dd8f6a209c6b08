"""Describes every address of every dialect as OpenAPI 3.1: from the routes, the handlers and the models."""
