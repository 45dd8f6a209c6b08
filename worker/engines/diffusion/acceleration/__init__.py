"""Faster passes: each switch is chosen by what the device can do, and is in the table of docs/speed.md."""
