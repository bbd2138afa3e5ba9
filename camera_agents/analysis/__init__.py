"""From packets to events: decoding, detection, stills, reports."""
