"""The district hub: it takes events in and shares them lawfully."""
