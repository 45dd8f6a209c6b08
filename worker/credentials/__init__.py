"""Content credentials: who says, with a signature, how a picture was made (C2PA)."""
