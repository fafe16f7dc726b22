"""Slow twins of placement: dicts, lists and walks from the top; nothing here knows the engine."""

from __future__ import annotations

from collections import deque

Seat = tuple[int, int]
"""Member above and leg from 0."""


class Tree:
    """A placement tree as dicts."""

    def __init__(self, members: range, width: int) -> None:
        self.width = width
        self.above: dict[int, Seat] = {}
        self.below: dict[int, dict[int, int]] = {member: {} for member in members}

    def sit(self, member: int, seat: Seat) -> None:
        """Put a member, with all below it, on a seat."""
        self.above[member] = seat
        self.below[seat[0]][seat[1]] = member

    def leave(self, member: int) -> Seat | None:
        """Take a member off its seat; what is below it stays below it."""
        seat = self.above.pop(member, None)
        if seat is not None:
            del self.below[seat[0]][seat[1]]
        return seat

    def all_below(self, top: int) -> list[tuple[int, int]]:
        """Return every member from a top down with its level, breadth first and from left to right."""
        found, waiting = [], deque([(top, 0)])
        while waiting:
            member, level = waiting.popleft()
            found.append((member, level))
            waiting.extend((child, level + 1) for _, child in sorted(self.below[member].items()))
        return found

    def free_leg(self, member: int) -> int | None:
        """Return the first free leg."""
        return next((leg for leg in range(self.width) if leg not in self.below[member]), None)

    def first_free(self, top: int, depth: int) -> Seat | None:
        """Return the first free seat below a top, level by level."""
        for member, level in self.all_below(top):
            leg = self.free_leg(member)
            if leg is not None and (depth == 0 or level < depth):
                return member, leg
        return None

    def end_of_line(self, top: int, leg: int) -> Seat:
        """Return the seat at the end of an outer line."""
        while leg in self.below[top]:
            top = self.below[top][leg]
        return top, leg

    def weakest(self, top: int, volume: list[int] | None) -> Seat:
        """Return the free seat that the weaker legs lead to."""

        def weight(leg: int) -> tuple[int, int]:
            inside = [member for member, _ in self.all_below(self.below[top][leg])]
            return (sum(volume[member] for member in inside) if volume else 0, len(inside))

        while True:
            leg = self.free_leg(top)
            if leg is not None:
                return top, leg
            top = self.below[top][1 if weight(1) < weight(0) else 0]


def place(
    sponsor: list[int],
    above: list[int],
    leg: list[int],
    rank: list[int],
    rule: dict[str, object],
    volume: list[int] | None = None,
    preference: list[int] | None = None,
    held: frozenset[int] = frozenset(),
) -> tuple[list[int], list[int]]:
    """Return the member above and the leg from 1 of everybody, -1 and 0 for who has none.

    `rule` has ``width``, ``depth``, ``leg`` (None for a matrix) and ``whole``. Who has no sponsor is a root.
    """
    members = range(len(sponsor))
    tree = Tree(members, int(str(rule["width"])))
    by_rank = sorted(members, key=lambda member: rank[member])
    for member in members:
        if above[member] >= 0 and leg[member]:
            tree.sit(member, (above[member], leg[member] - 1))
    for member in by_rank:
        if above[member] >= 0 and not leg[member]:
            free = tree.free_leg(above[member])
            assert free is not None, "the caller has refused it"
            tree.sit(member, (above[member], free))
    seated = {member for member in members if above[member] >= 0 or sponsor[member] < 0}
    whole = next((member for member in by_rank if sponsor[member] < 0), -1) if rule["whole"] else None
    turns = {member: sum(sponsor[one] == member for one in seated) for member in members}
    if whole is not None:
        turns[whole] = len(seated - {whole})
    for member in _turns(sponsor, by_rank, seated, whole is not None):
        if member in seated or member in held:
            continue
        top = sponsor[member] if whole is None else whole
        while top >= 0 and top not in seated:
            top = sponsor[top]
        if top < 0 or top in {one for one, _ in tree.all_below(member)}:
            continue
        seat = _seat(tree, rule, member, top, volume, preference, turns)
        if seat is not None:
            tree.sit(member, seat)
            seated.add(member)
            turns[top] += 1
    seats = [tree.above.get(member, (-1, -1)) for member in members]
    return [seat[0] for seat in seats], [seat[1] + 1 for seat in seats]


def _turns(sponsor: list[int], by_rank: list[int], seated: set[int], whole: bool) -> list[int]:
    if whole:
        return by_rank
    place_of = {member: place for place, member in enumerate(by_rank)}

    def key(member: int) -> tuple[int, int, int]:
        line = [member]
        while sponsor[line[-1]] >= 0:
            line.append(sponsor[line[-1]])
        return max((place_of[one] for one in line if one not in seated), default=-1), len(line), place_of[member]

    return sorted(by_rank, key=key)


def _seat(
    tree: Tree,
    rule: dict[str, object],
    member: int,
    top: int,
    volume: list[int] | None,
    preference: list[int] | None,
    turns: dict[int, int],
) -> Seat | None:
    if rule["leg"] is None:
        return tree.first_free(top, int(str(rule["depth"])))
    if rule["leg"] in ("weaker_count", "weaker_volume"):
        return tree.weakest(top, volume if rule["leg"] == "weaker_volume" else None)
    line = {"outer_left": 0, "outer_right": 1}.get(str(rule["leg"]), -1)
    if rule["leg"] == "preferred" and preference is not None:
        line = preference[member]
    return tree.end_of_line(top, turns[top] % 2 if line < 0 else line)


def move_up(above: list[int], leg: list[int], out: list[int], width: int) -> tuple[list[int], list[int]]:
    """Return seats when some are taken out, the lower ones first, and their first child takes their place."""
    tree = Tree(range(len(above)), width)
    for member, (parent, number) in enumerate(zip(above, leg, strict=True)):
        if parent >= 0:
            tree.sit(member, (parent, number - 1))

    def depth(member: int) -> int:
        return 0 if above[member] < 0 else 1 + depth(above[member])

    for member in sorted(out, key=lambda one: (-depth(one), one)):
        seat, children = tree.leave(member), sorted(tree.below[member].items())
        for _, child in children:
            tree.leave(child)
        for number, (own, child) in enumerate(children):
            if number == 0:
                if seat is not None:
                    tree.sit(child, seat)
                continue
            heir = children[0][1]
            target = (heir, own) if own not in tree.below[heir] else tree.first_free(heir, 0)
            assert target is not None, "without a depth there is a free seat"
            tree.sit(child, target)
    seats = [tree.above.get(member, (-1, -1)) for member in range(len(above))]
    return [seat[0] for seat in seats], [seat[1] + 1 for seat in seats]


def boards(sponsor: list[int], width: int, levels: int, follow: bool, again: bool) -> list[tuple[str, int, int, int]]:
    """Return the events of boards: kind, owner, board and slot, both from 0."""
    size = sum(width**level for level in range(levels + 1))
    open_boards: dict[int, list[int]] = {0: []}
    at: dict[int, int] = {}
    made = 1
    events: list[tuple[str, int, int, int]] = []
    for entrant in range(len(sponsor)):
        waiting = [("entered", entrant)]
        while waiting:
            kind, who = waiting.pop()
            board = at.get(sponsor[who]) if follow else None
            if board is None:
                board = min(open_boards)
            at[who] = board
            events.append((kind, who, board, len(open_boards[board])))
            open_boards[board].append(who)
            if len(open_boards[board]) < size:
                continue
            full = open_boards.pop(board)
            events += [("filled", full[0], board, 0), ("cycled", full[0], board, 0)]
            if at.get(full[0]) == board:
                del at[full[0]]
            for part in range(width):
                slots, row = [], [1 + part]
                for _ in range(levels):
                    slots += row
                    row = [width * slot + 1 + leg for slot in row for leg in range(width)]
                open_boards[made] = [full[slot] for slot in slots]
                for owner in open_boards[made]:
                    at[owner] = made
                events.append(("split", open_boards[made][0], made, part))
                made += 1
            if again:
                waiting.append(("re-entered", full[0]))
    return events


def matrices(sponsor: list[int], width: int, levels: int, follow: bool, again: bool) -> list[tuple[str, int, int, int]]:
    """Return the events of a recycling matrix: kind, owner, position above and leg from 0, -1 for none."""
    tree = Tree(range(0), width)
    owner: list[int] = []
    latest: dict[int, int] = {}
    done: set[int] = set()
    events: list[tuple[str, int, int, int]] = []
    need = sum(width**level for level in range(1, levels + 1))
    for entrant in range(len(sponsor)):
        waiting = deque([("entered", entrant)])
        while waiting:
            kind, who = waiting.popleft()
            position = len(owner)
            seat = tree.first_free(latest.get(sponsor[who], 0) if follow else 0, 0) if owner else None
            owner.append(who)
            tree.below[position] = {}
            if seat is not None:
                tree.sit(position, seat)
            latest[who] = position
            place, leg = seat or (-1, -1)
            events.append((kind, who, place, leg))
            up = tree.above.get(position)
            while up is not None:
                one = up[0]
                if one not in done and sum(1 <= level <= levels for _, level in tree.all_below(one)) == need:
                    done.add(one)
                    events += [("filled", owner[one], -1, -1), ("cycled", owner[one], -1, -1)]
                    if again:
                        waiting.append(("re-entered", owner[one]))
                up = tree.above.get(one)
    return events
