"""The models that Plantain knows by name, and those that were pulled onto this machine."""
