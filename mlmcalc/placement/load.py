"""Placement rules from a document, checked as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlmcalc.documents.document import Document
from mlmcalc.documents.validation import validated
from mlmcalc.documents.yaml_reader import read_document, read_file
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.genealogy.candidates import LegRule, SeatRule
from mlmcalc.genealogy.recycle import CycleRule
from mlmcalc.placement.words import PlacementDocument, PlacementWords

WIDEST, MOST_SEATS, MOST_DAYS = 1000, 100_000, 36_500


@dataclass(frozen=True, slots=True, eq=False)
class PlacementRules:
    """Placement rules, free of contradictions.

    Attributes
    ----------
    words : PlacementWords
    document : Document
        For the place of what is found later.
    """

    words: PlacementWords
    document: Document

    @property
    def text(self) -> str:
        """The rules as written."""
        return self.document.text

    @property
    def digest(self) -> str:
        """SHA-256 of what the rules say, however they are written."""
        content = json.dumps(self.words.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    @property
    def cycles(self) -> bool:
        """Whether this is a board or a recycling matrix, which has positions instead of seats."""
        return self.words.method in ("board", "recycle")

    @property
    def width(self) -> int:
        """Legs of each member."""
        return self.words.width or 2

    @property
    def leg(self) -> LegRule | None:
        """Rule that finds the leg of a binary tree, the one of the deadline where members are held."""
        held = self.words.holding
        return (held.then if held and held.then else None) or self.words.leg

    def seat_rule(self, top: int, day: int | None) -> SeatRule:
        """Return the rule of a matrix or a binary tree.

        Parameters
        ----------
        top : int
            Row of the member at the top, -1 where none is named.
        day : int or None
            Days since 1970-01-01.
        """
        words = self.words
        return SeatRule(
            width=self.width,
            leg=self.leg,
            depth=words.depth or 0,
            whole=words.within == "whole",
            top=top,
            blank=words.blank,
            of_sponsor=words.of == "sponsor",
            place_roots=words.without_sponsor == "place",
            day=day,
            hold_days=words.holding.days if words.holding else None,
        )

    def cycle_rule(self) -> CycleRule:
        """Return the rule of a board or a recycling matrix."""
        words = self.words
        return CycleRule(
            kind="board" if words.method == "board" else "recycle",
            width=self.width,
            levels=words.depth or 2,
            follow=words.within == "sponsor",
            again=words.again,
        )


def load_placement(source: str | Path, file: str = "placement") -> PlacementRules:
    """Return placement rules.

    Parameters
    ----------
    source : str or Path
        A path, or the text of the rules: what holds a line break is text.
    file : str
        Name of rules given as text, for findings.

    Raises
    ------
    InputRefused
        ``documents.*`` and ``placement.*``, with line and column, all at once.
    EnvironmentRefused
        ``documents.unreadable``.
    """
    is_text = isinstance(source, str) and "\n" in source
    document = read_document(str(source), file) if is_text else read_file(source)
    words, findings = validated(PlacementDocument, document.value, document, (), "placement")
    if words is not None:
        findings = [document.located(finding, key=True) for finding in _contradictions(words.placement)]
    if words is None or findings:
        raise InputRefused(findings)
    return PlacementRules(words.placement, document)


def _fault(key: str, message: str, remedy: str, code: str = "contradiction") -> Finding:
    return Finding(f"placement.{code}", message, remedy, path=("placement", *key.split(".")))


def _contradictions(words: PlacementWords) -> Iterator[Finding]:
    yield from _sizes(words)
    binary = words.method == "binary"
    legs = {words.leg, words.holding.then if words.holding else None}
    if binary and words.leg is None:
        remedy = "Add leg: weaker_volume, weaker_count, outer_left, outer_right, preferred or balance."
        yield _fault("method", "A binary tree needs to know which leg.", remedy, "missing")
    for key in ("leg", "holding.then") if not binary else ():
        if (words.leg if key == "leg" else words.holding and words.holding.then) is not None:
            yield _fault(key, f"A {words.method} has no rule for the leg.", "Leave it out, or write method: binary.")
    if "weaker_volume" in legs and words.volume is None:
        yield _fault("leg", "weaker_volume compares a volume.", "Add volume: COLUMN.", "missing")
    if "preferred" in legs and words.preference is None:
        yield _fault("leg", "preferred reads a column.", "Add preference: COLUMN.", "missing")
    if words.preference is not None and "preferred" not in legs:
        yield _fault("preference", "The preference is not used.", "Write leg: preferred, or leave it out.")
    if words.volume is not None and "weaker_volume" not in legs:
        yield _fault("volume", "The volume is not used.", "Write leg: weaker_volume, or leave it out.")
    if words.decimals > 9:
        yield _fault("decimals", "At most 9 decimals are kept.", "Write fewer.", "value")
    if words.within == "sponsor" and (words.top is not None or words.without_sponsor == "place"):
        key = "top" if words.top is not None else "without_sponsor"
        yield _fault(key, "This has a meaning in the whole tree only.", "Write within: whole, or leave it out.")
    if words.remove is not None and words.remove.status is None and words.remove.days:
        yield _fault("remove.days", "Days of which status?", "Add status: left.", "missing")
    for key, days in (("holding.days", words.holding), ("remove.days", words.remove)):
        if days is not None and days.days > MOST_DAYS:
            yield _fault(key, f"{days.days} days are more than {MOST_DAYS:,}.", "Write fewer.", "value")
    if words.method in ("board", "recycle"):
        for key in ("holding", "remove", "top"):
            if getattr(words, key) is not None:
                yield _fault(key, f"A {words.method} does not know this.", "Leave it out.")
    elif not words.again:
        yield _fault("again", f"In a {words.method} nobody cycles.", "Leave it out.")


def _sizes(words: PlacementWords) -> Iterator[Finding]:
    width, depth = words.width, words.depth
    if words.method == "binary":
        if width not in (None, 2):
            yield _fault("width", f"A binary tree has two legs, not {width}.", "Leave it out, or write method: matrix.")
        if depth is not None:
            yield _fault("depth", "A binary tree has no depth.", "Leave it out, or write method: matrix.")
        return
    if width is None:
        yield _fault("method", f"The width of the {words.method} is missing.", "Add width: 2.", "missing")
        return
    if not 2 <= width <= WIDEST:
        yield _fault("width", f"The width {width} is not within 2 and {WIDEST}.", "Correct it.", "value")
    if depth == 0 or (depth or 0) > WIDEST:
        yield _fault(
            "depth", f"The depth {depth} is not within 1 and {WIDEST}.", "Correct it, or leave it out.", "value"
        )
    if words.method in ("board", "recycle"):
        if depth is None:
            yield _fault("method", f"The depth of the {words.method} is missing.", "Add depth: 2.", "missing")
        elif width ** min(depth, 64) > MOST_SEATS:
            seen = f"{width} x {depth} has more than {MOST_SEATS:,} places on its lowest level."
            yield _fault("depth", seen, "Write a smaller one.", "value")
