"""A number of units divided in proportion to weights, exactly."""

from __future__ import annotations

from mlmcalc.kernels.compiled import kernel

_INT64_MAX = 2**63 - 1


@kernel("void(Array(int64,1,'C',readonly=True), int64, int64, int64[::1], int64[::1])")
def divide(weight, units, total, quotient, rest):
    """Fill ``weight x units / total`` as whole part and rest, whatever the size of the product.

    Parameters
    ----------
    weight : (k,) int64
        0 or more; ``weight x units / total`` fits int64.
    units : int
        0 or more.
    total : int
        From 1 to 2**62.
    quotient, rest : (k,) int64, written
    """
    highest = 0
    while highest < 62 and (units >> (highest + 1)) > 0:
        highest += 1
    for place in range(weight.size):
        each = weight[place]
        if units == 0 or each <= _INT64_MAX // units:
            product = each * units
            quotient[place] = product // total
            rest[place] = product - product // total * total
            continue
        # Long multiplication by the bits of `units`, highest first, divided on the way: rest stays below total.
        whole = each // total
        part = each - whole * total
        found = 0
        left = 0
        for bit in range(highest, -1, -1):
            found = 2 * found
            left = 2 * left
            if left >= total:
                left -= total
                found += 1
            if (units >> bit) & 1:
                found += whole
                left += part
                if left >= total:
                    left -= total
                    found += 1
        quotient[place] = found
        rest[place] = left
