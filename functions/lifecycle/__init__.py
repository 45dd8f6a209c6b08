"""What happens to a job after it was accepted: its end, cancellation, deletion, retention."""
