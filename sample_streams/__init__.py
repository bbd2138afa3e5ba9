"""Sample clips with ground truth, the sample RTSP camera and the demo."""
