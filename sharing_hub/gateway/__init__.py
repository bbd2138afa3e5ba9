"""How the hub speaks to agencies' systems: messages in their forms, signed, sent to addresses that may be sent to."""
