"""Typesets words: real fonts, on a surface or in a calm place of a picture."""
