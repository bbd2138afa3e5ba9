"""Scores of what ships: the same gate, schedule, detector, tracker and triggers as at a camera, driven by a file's time stamps."""
