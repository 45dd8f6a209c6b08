"""From latents to pictures: whole, in tiles, frame by frame, and as previews."""
