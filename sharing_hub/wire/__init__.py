"""Messages between agents and the hub: a leaf that both sides import."""
