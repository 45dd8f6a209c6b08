"""Shared by the HTTP servers of the laptop: sockets, API keys and protection from browsers."""
