"""What was true when, and when that was known: snapshots become events, and events the table of any two times."""
