"""What a prompt asks for, read by rules or by a language model."""
