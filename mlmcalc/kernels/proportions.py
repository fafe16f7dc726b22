"""A number of units divided in proportion to weights, exactly: to one column of weights, or to many small ones."""

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


@kernel("void(Array(int64,2,'C',readonly=True), Array(int64,1,'C',readonly=True), int64, int64[:,::1])")
def shrink_columns(weights, left, step, found):
    """Shrink each column of weights in proportion to a smaller sum, in whole steps.

    Every part is rounded down; the steps that remain go to the largest remainders, ties to the first row, and nothing
    grows.

    Parameters
    ----------
    weights : (k, n) int64
        0 or more, multiplied by the steps of its column within int64.
    left : (n,) int64
        0 or more; a column whose sum is no larger stays as it is.
    step : int
    found : (k, n) int64, written
    """
    rows = weights.shape[0]
    for column in range(left.size):
        total = 0
        for row in range(rows):
            found[row, column] = weights[row, column]
            total += weights[row, column]
        if left[column] >= total:
            continue
        steps = left[column] // step
        remaining = steps
        for row in range(rows):
            part = weights[row, column] * steps // total
            found[row, column] = part * step
            remaining -= part
        while remaining > 0:
            best = -1
            largest = 0
            for row in range(rows):
                part = weights[row, column] * steps // total
                rest = weights[row, column] * steps - part * total
                may = found[row, column] == part * step and (part + 1) * step <= weights[row, column]
                if may and rest > largest:
                    best = row
                    largest = rest
            if best < 0:
                break
            found[best, column] += step
            remaining -= 1
