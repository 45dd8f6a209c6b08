"""Models of the Hugging Face hub on this machine: pulled, listed, chosen, removed."""
