"""Commands for those who build and deploy Plantain."""
