"""From a request to a recorded job: everything is checked before anything is written."""
