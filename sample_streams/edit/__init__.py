"""Edited sample clips: scripts that make them from OpenCV's vtest.avi."""
