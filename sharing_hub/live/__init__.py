"""Live view: agents push encoded pictures over their own channel, viewers receive them by WebRTC, and nothing is re-encoded."""
