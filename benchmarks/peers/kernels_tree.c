/*
 * The loops of mlmcalc/kernels in C, as somebody would write them who has no need to avoid it.
 *
 * One convention for all, so that one caller serves them: an array is a pointer followed by the length of each of its
 * dimensions (needed or not), a number is an int64_t, and every function returns an int64_t.
 */

#include <stdint.h>

typedef int64_t i64;
typedef int32_t i32;
typedef int16_t i16;
typedef uint8_t flag;

/* join */

static inline i64 mix(i64 number, i64 mask)
{
    uint32_t high = (uint32_t)((uint64_t)number >> 32), mixed = (uint32_t)number;
    for (int round = 0; round < 2; round++) {
        mixed ^= mixed >> 16;
        mixed *= 0x21F0AAADu;
        mixed ^= mixed >> 15;
        mixed *= 0x735A2D97u;
        mixed ^= mixed >> 15;
        mixed ^= high;
    }
    return (i64)mixed & mask;
}

i64 fill_direct(const i64 *restrict ids, i64 n, i64 lowest, i32 *restrict slots, i64 k)
{
    for (i64 row = n - 1; row >= 0; row--)
        slots[ids[row] - lowest] = (i32)row;
    return 0;
}

i64 look_direct(const i64 *restrict wanted, i64 m, i64 lowest, const i32 *restrict slots, i64 k, i32 *restrict rows,
                i64 rows_n)
{
    for (i64 i = 0; i < m; i++) {
        uint64_t at = (uint64_t)wanted[i] - (uint64_t)lowest;
        rows[i] = at < (uint64_t)k ? slots[at] : -1;
    }
    return 0;
}

i64 fill_hashed(const i64 *restrict ids, i64 n, i32 *restrict slots, i64 k)
{
    i64 mask = k - 1;
    for (i64 row = 0; row < n; row++) {
        i64 at = mix(ids[row], mask);
        while (slots[at] >= 0 && ids[slots[at]] != ids[row])
            at = (at + 1) & mask;
        if (slots[at] < 0)
            slots[at] = (i32)row;
    }
    return 0;
}

i64 look_hashed(const i64 *restrict wanted, i64 m, const i64 *restrict ids, i64 n, const i32 *restrict slots, i64 k,
                i64 *restrict places, i64 at_once, i32 *restrict rows, i64 rows_n)
{
    i64 mask = k - 1;
    for (i64 start = 0; start < m; start += at_once) {
        i64 count = m - start < at_once ? m - start : at_once;
        for (i64 i = 0; i < count; i++)
            places[i] = mix(wanted[start + i], mask);
        for (i64 i = 0; i < count; i++)
            rows[start + i] = slots[places[i]];
        for (i64 i = 0; i < count; i++) {
            i64 row = rows[start + i];
            while (row >= 0 && ids[row] != wanted[start + i]) {
                places[i] = (places[i] + 1) & mask;
                row = slots[places[i]];
            }
            rows[start + i] = (i32)row;
        }
    }
    return 0;
}

/* order */

i64 sort_by_parent(const i32 *restrict parent, i64 n, i32 *restrict starts, i64 starts_n, i32 *restrict children,
                   i64 children_n)
{
    starts[n + 1] = (i32)n;
    for (i64 row = 0; row < n; row++)
        starts[parent[row] >= 0 ? parent[row] : n]++;
    for (i64 bucket = 1; bucket <= n; bucket++)
        starts[bucket] += starts[bucket - 1];
    for (i64 row = n - 1; row >= 0; row--)
        children[--starts[parent[row] >= 0 ? parent[row] : n]] = (i32)row;
    return 0;
}

i64 breadth_first(const i32 *restrict starts, i64 starts_n, const i32 *restrict children, i64 children_n,
                  i32 *restrict queue, i64 n)
{
    i64 filled = 0, taken = 0;
    for (i64 at = starts[n]; at < starts[n + 1]; at++)
        queue[filled++] = children[at];
    while (taken < filled) {
        i64 row = queue[taken++];
        for (i64 at = starts[row]; at < starts[row + 1]; at++)
            queue[filled++] = children[at];
    }
    return filled;
}

i64 sum_sizes(const i32 *restrict parent, i64 n, const i32 *restrict queue, i64 queue_n, i32 *restrict size,
              i64 size_n)
{
    for (i64 at = queue_n - 1; at >= 0; at--) {
        i64 row = queue[at], up = parent[row];
        size[row]++;
        if (up >= 0)
            size[up] += size[row];
    }
    return 0;
}

i64 place_depth_first(const i32 *restrict parent, i64 n, const i32 *restrict queue, i64 queue_n, i32 *restrict free_,
                      i64 free_n, i32 *restrict order, i64 order_n, i32 *restrict place, i64 place_n,
                      i32 *restrict above, i64 above_n, i32 *restrict depth, i64 depth_n)
{
    i32 free_root = 0;
    for (i64 at = 0; at < queue_n; at++) {
        i64 row = queue[at], up = parent[row];
        i32 size = free_[row], to;
        if (up < 0) {
            to = free_root;
            free_root += size;
            above[to] = -1;
            depth[to] = 0;
        } else {
            to = free_[up];
            free_[up] += size;
            above[to] = place[up];
            depth[to] = depth[place[up]] + 1;
        }
        free_[row] = to + 1;
        place[row] = to;
        order[to] = (i32)row;
    }
    return 0;
}

i64 fill_depths(const i32 *parent, i64 n, i32 *depth, i64 depth_n)
{
    for (i64 p = 0; p < n; p++)
        depth[p] = parent[p] >= 0 ? depth[parent[p]] + 1 : 0;
    return 0;
}

/* sums */

i64 roll_up(const i32 *restrict parent, i64 n, i64 *restrict sums, i64 sums_n)
{
    for (i64 p = n - 1; p >= 0; p--)
        if (parent[p] >= 0)
            sums[parent[p]] += sums[p];
    return 0;
}

i64 add_to_owners(const i32 *restrict owner, i64 m, const i64 *restrict amounts, i64 amounts_n, i64 *restrict sums,
                  i64 n)
{
    for (i64 i = 0; i < m; i++)
        if (owner[i] >= 0)
            sums[owner[i]] += amounts[i];
    return 0;
}

/* legs */

i64 keep_largest(const i32 *restrict parent, i64 n, const i64 *restrict sizes, i64 sizes_n, i32 *restrict count,
                 i64 count_n, i64 *restrict largest, i64 largest_n, i64 k)
{
    for (i64 p = 0; p < n; p++) {
        if (parent[p] < 0)
            continue;
        i64 size = sizes[p], *mine = largest + k * parent[p];
        i32 *have = &count[parent[p]];
        i64 at = *have;
        if (at < k)
            (*have)++;
        else if (mine[k - 1] >= size)
            continue;
        else
            at = k - 1;
        for (; at > 0 && mine[at - 1] < size; at--)
            mine[at] = mine[at - 1];
        mine[at] = size;
    }
    return 0;
}

i64 count_reaching(const i32 *restrict parent, i64 n, const i64 *restrict sizes, i64 sizes_n,
                   const i64 *restrict threshold, i64 threshold_n, i64 *restrict count, i64 count_n)
{
    for (i64 p = 0; p < n; p++)
        if (parent[p] >= 0 && sizes[p] >= threshold[parent[p]])
            count[parent[p]]++;
    return 0;
}

i64 sum_capped(const i32 *restrict parent, i64 n, const i64 *restrict sizes, i64 sizes_n, const i64 *restrict cap,
               i64 cap_n, i64 *restrict sums, i64 sums_n)
{
    for (i64 p = 0; p < n; p++)
        if (parent[p] >= 0)
            sums[parent[p]] += sizes[p] < cap[parent[p]] ? sizes[p] : cap[parent[p]];
    return 0;
}

/* ranks: rows of `alternatives`, `tests` and `feeds` as ALTERNATIVE_COLUMNS, TEST_COLUMNS and FEED_COLUMNS say */

enum { FRONTLINE, SUBTREE, LEGS, LEGS_WITHIN, GROUP };

i64 settle(const i32 *restrict parents, i64 trees, i64 n, const flag *restrict flags, i64 flags_n, i64 flags_m,
           i64 *restrict sums, i64 sums_n, i64 sums_m, const i64 *restrict feeds, i64 feeds_n, i64 feed_columns,
           const i64 *restrict alternatives, i64 alternatives_n, i64 alternative_columns, const i64 *restrict tests,
           i64 tests_n, i64 test_columns, const i16 *restrict members, i64 members_n, i64 members_m,
           i16 *restrict rungs, i64 rungs_n)
{
    for (i64 p = n - 1; p >= 0; p--) {
        i64 rung = members[n + p], at = rung < 0 ? members[p] : -1;
        if (rung < 0)
            rung = 0;
        while (at >= 0) {
            const i64 *way = alternatives + at * alternative_columns;
            int met = flags[way[1] * n + p];
            for (i64 one = way[2]; met && one < way[3]; one++) {
                const i64 *test = tests + one * test_columns;
                i64 value = sums[test[0] * n + p], lowest = test[4] < 0 ? test[1] : sums[test[4] * n + p];
                if (value < lowest || value > test[2])
                    met = test[3] >= 0 && flags[test[3] * n + p];
            }
            if (met)
                rung = way[0];
            at = met ? way[4] : way[5];
        }
        rungs[p] = (i16)rung;
        for (i64 one = 0; one < feeds_n; one++) {
            const i64 *feed = feeds + one * feed_columns;
            i64 up = parents[feed[1] * n + p];
            if (up < 0)
                continue;
            i64 *row = sums + feed[5] * n;
            int qualifies = feed[2] <= rung && rung <= feed[3] && (feed[4] < 0 || flags[feed[4] * n + p]);
            if (feed[0] == LEGS) {
                if (qualifies || row[p] > 0)
                    row[up]++;
                continue;
            }
            if (feed[0] == LEGS_WITHIN) {
                i64 *nearest = sums + feed[7] * n, distance = qualifies ? 0 : nearest[p];
                if (distance < feed[8])
                    row[up]++;
                if (distance + 1 < nearest[up])
                    nearest[up] = distance + 1;
                continue;
            }
            i64 amount = feed[6] >= 0 ? sums[feed[6] * n + p] : 1;
            int own = feed[0] == GROUP ? (feed[9] & (qualifies ? 2 : 1)) != 0 : qualifies;
            i64 handed = feed[0] == SUBTREE || (feed[0] == GROUP && !qualifies) ? row[p] : 0;
            if (own)
                handed += amount;
            if (handed)
                row[up] += handed;
        }
    }
    return 0;
}
