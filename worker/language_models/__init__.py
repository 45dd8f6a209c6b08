"""Models that answer in words: one question, one answer in a form that was laid down, within a time."""
