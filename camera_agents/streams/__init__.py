"""From a camera to packets in agent's UTC: RTSP, clock, ring."""
