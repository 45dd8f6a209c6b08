"""The networks of the embedded model, and what trains any network: phases, optimizers, sampling."""
