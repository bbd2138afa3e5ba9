"""How the hub and agencies' systems speak: messages in their forms, read, written, signed, sent to addresses that may be sent to."""
