"""Batches of Google's interface: requests of generateContent, and the operations that answer them."""
