"""One file for each revision, and beside it its statements for each database."""
