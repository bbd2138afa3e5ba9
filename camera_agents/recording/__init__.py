"""What is kept on the disk: segments, gaps, retention, and the clips made from them."""
