"""Turns a request into a recorded job: everything is checked before anything is written."""
