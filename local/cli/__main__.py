"""``python -m local.cli``: the command line where no script is installed."""

from .app import main

main()
