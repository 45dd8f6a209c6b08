"""What a GPU could do, what diffusers does with it, and what Plantain does."""
