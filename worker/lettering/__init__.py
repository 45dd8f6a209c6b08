"""Words in pictures: what a prompt says of them, who writes them, and a reader of them."""
