"""One member across periods: what it was, what it had, and how one period follows from the one before."""
