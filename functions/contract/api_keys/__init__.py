"""API keys: how they are kept, and where a request carries one."""
