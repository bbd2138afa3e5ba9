"""From the outbox to the hub: identity, uploads, heartbeat, channel."""
