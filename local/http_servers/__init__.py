"""What the HTTP servers of the laptop share: sockets, keys, protection from browsers."""
