"""Deleting a job or a batch: a tombstone takes the record's place, then everything else is removed."""
