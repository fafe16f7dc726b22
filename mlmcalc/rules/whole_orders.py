"""Whether the orders of a volume can be told apart."""

from __future__ import annotations

from mlmcalc.rules.values import Node, Vocabulary


def rounded_part(volume: str, vocabulary: Vocabulary, seen: frozenset[str] = frozenset()) -> str:
    """Return the name of the volume, among this one and those it adds, that is rounded per member; empty for none."""
    word = vocabulary.definitions.get(Node("volume", volume))
    if word is None:
        return ""
    if word.rounds_members(vocabulary):
        return volume
    parts = [part for part in getattr(word, "add", ()) if part not in seen]
    return next(filter(None, (rounded_part(part, vocabulary, seen | {volume}) for part in parts)), "")
