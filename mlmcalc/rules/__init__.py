"""What the words of a plan share: conditions, tiers, rate tables, and the values computed so far."""
