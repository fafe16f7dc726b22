"""A run that is changed by a few orders: only the members whom they concern are calculated again."""
