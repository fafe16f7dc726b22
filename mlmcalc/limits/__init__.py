"""What several bonuses may pay together: exclusive bonuses, limits per earner, company ceilings, ratios."""
