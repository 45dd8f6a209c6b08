"""Pictures extended beyond their edges: the frame, the seam, and things that were drawn twice."""
