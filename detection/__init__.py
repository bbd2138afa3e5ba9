"""Pure detection: arrays in, values out."""
