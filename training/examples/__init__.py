"""Training examples: scenes with captions, edits with instructions, references."""
