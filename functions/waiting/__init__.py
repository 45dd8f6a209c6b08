"""Jobs whose callers wait: how long, for what news, and what a repeated request finds."""
