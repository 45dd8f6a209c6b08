"""How each family of pipelines is called: one file a family, and the class names that they answer to."""
