"""mlmcalc: exact, explainable commissions."""
