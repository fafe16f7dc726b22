"""The facade for plug-ins: all that a company's own bonus package may use, and nothing else of mlmcalc.

A package names its class in the entry-point group ``mlmcalc.bonuses``; the name of the entry point is the word of the
plan language, and the first field of the class has that name.
"""

from mlmcalc.errors import Finding
from mlmcalc.fields import Amount, Count, Day, Flag, Model, Name, Rate, Reference, Text
from mlmcalc.money import Rounding, rate_text, text_from_units, units_from_text
from mlmcalc.rules.company import Company, TreeView
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE, NOT_ELIGIBLE
from mlmcalc.rules.plugged import Lost, Payments, PluggedBonus, QuantityName, TreeName
from mlmcalc.rules.rates import RateTable

__all__ = [
    "ELIGIBLE",
    "NOT_ACTIVE",
    "NOT_ELIGIBLE",
    "Amount",
    "Company",
    "Condition",
    "Count",
    "Day",
    "Finding",
    "Flag",
    "Lost",
    "Model",
    "Name",
    "Payments",
    "PluggedBonus",
    "QuantityName",
    "Rate",
    "RateTable",
    "Reference",
    "Rounding",
    "Text",
    "TreeName",
    "TreeView",
    "rate_text",
    "text_from_units",
    "units_from_text",
]
