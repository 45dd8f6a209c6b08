"""The whole of Plantain on one machine: its processes, ports, settings and data folder."""
