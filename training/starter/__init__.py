"""The training of the embedded model: examples prepared, phases run, weights written."""
