"""The sample RTSP/ONVIF camera: plays media files like a real camera would, faults included.

Run it as `python -m sample_streams.camera`. See sample_streams/DESIGN.md.
"""
