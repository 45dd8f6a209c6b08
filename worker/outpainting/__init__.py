"""Pictures extended beyond their edges: the frame, the seam, and doubled things."""
