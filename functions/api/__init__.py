"""The HTTP interface: routes and handlers, one file for each resource."""
