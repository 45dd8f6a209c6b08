"""What draws: one protocol, and the engines behind it. Importing this package imports no engine."""
