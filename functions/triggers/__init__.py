"""The functions that events and schedules start, one file each."""
