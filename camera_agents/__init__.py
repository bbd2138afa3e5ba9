"""The process beside the cameras: it records, watches and reports."""
