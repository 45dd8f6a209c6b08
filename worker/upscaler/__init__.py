"""Super-resolution: small networks that enlarge a picture tile by tile, without seams."""
