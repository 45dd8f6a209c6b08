"""The release of Plantain: the package, the command line and the content credentials read it here."""

RELEASE = "0.1.0"
