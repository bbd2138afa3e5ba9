"""The access rules: Cedar policies in files, and the one function that decides."""
