"""``python -m local.cli``: the command line where no script is installed."""

from local.cli.app import main

main()
