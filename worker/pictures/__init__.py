"""Pictures in and out: whatever a caller sends becomes float sRGB, and what is delivered is exact."""
