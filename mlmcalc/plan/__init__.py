"""The plan: read once, checked whole, bound to names, in an order that follows from what its words read."""
