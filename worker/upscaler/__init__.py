"""Super-resolution: a small network that enlarges four times, tile by tile, without seams."""
