"""Rendered sample streams: Blender scripts for the pictures, plain Python for what drives where and for the clips."""
