"""Cases: a plan, its members and volumes, and what must come out, without a line of Python."""
