"""Plain functions on plain values: what the hub decides, without database, clock or network."""
