"""What a member must leave to the one above it, from the leaves up."""

from __future__ import annotations

from mlmcalc.kernels.compiled import kernel


@kernel("void(Array(int32,1,'C',readonly=True), Array(int64,1,'C',readonly=True), int64[::1], int64[::1])")
def pass_up(receiver, short, held, given):
    """Let everybody give what it is short of, as far as it has it, to its receiver.

    Parameters
    ----------
    receiver : (n,) int32
        A smaller index, -1 for nobody: then it keeps what it has.
    short : (n,) int64
        What each must leave, 0 or less for nothing.
    held : (n,) int64, changed
        What each has; what it is given from below counts before it gives itself.
    given : (n,) int64, written
        What each gives, never more than it has.
    """
    # Backward, everything from below has arrived before a member gives.
    for index in range(receiver.size - 1, -1, -1):
        given[index] = 0
        if receiver[index] >= 0 and short[index] > 0 and held[index] > 0:
            given[index] = min(short[index], held[index])
            held[index] -= given[index]
            held[receiver[index]] += given[index]
