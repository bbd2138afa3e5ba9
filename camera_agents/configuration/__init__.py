"""agent.toml: its form, its faults with line and remedy, its reference."""
