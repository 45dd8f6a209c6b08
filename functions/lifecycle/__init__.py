"""What happens to an accepted job: cancellation, retention, and what is said when its documents are
unreadable.
"""
