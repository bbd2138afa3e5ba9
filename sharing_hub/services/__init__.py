"""What the hub does: functions that take a Session and never commit; the request or the job does, once."""
