"""Content credentials (C2PA): signed claims about how a picture was made."""
