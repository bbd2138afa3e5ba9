"""Weights with their manifest; data, not code."""
