"""``python -m local.cli``: the command line where no script is installed."""

from local.cli import main

main()
