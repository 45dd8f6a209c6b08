"""The engines that draw, behind one protocol. Importing this package imports no engine."""
