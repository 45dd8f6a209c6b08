"""Who looks at the pictures, before they are worked on and before they leave."""
