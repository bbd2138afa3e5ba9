"""The hub's HTTP doors: they check, call a service, and answer."""
