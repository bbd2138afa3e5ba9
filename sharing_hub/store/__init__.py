"""Everything durable: the database, its reads and its single writer, and the media folder."""
