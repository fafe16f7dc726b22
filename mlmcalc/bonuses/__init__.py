"""bonuses."""
