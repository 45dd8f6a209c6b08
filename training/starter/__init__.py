"""Training of the embedded model, which the documents call the starter."""
