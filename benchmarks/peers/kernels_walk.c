/* The second half of the loops; see kernels_tree.c for the convention. */

#include <stdint.h>

typedef int64_t i64;
typedef int32_t i32;
typedef uint8_t flag;

/* generations: compression, nearest above, the k-th ancestor by doubling */

i64 compress(const i32 *climb, i64 n, const flag *restrict kept, i64 kept_n, i64 same_level, i32 *keeper,
             i64 keeper_n, i32 *parent, i64 parent_n, i32 *depth, i64 depth_n)
{
    for (i64 p = 0; p < n; p++) {
        i32 above = climb[p] >= 0 ? keeper[climb[p]] : -1, up = above;
        keeper[p] = kept[p] ? (i32)p : above;
        if (!kept[p] && same_level && above >= 0)
            up = parent[above];
        parent[p] = up;
        depth[p] = up >= 0 ? depth[up] + 1 : 0;
    }
    return 0;
}

i64 nearest_above(const i32 *restrict parent, i64 n, const flag *restrict meets, i64 meets_n, i32 *nearest,
                  i64 nearest_n)
{
    for (i64 p = 0; p < n; p++)
        nearest[p] = meets[p] ? (i32)p : parent[p] >= 0 ? nearest[parent[p]] : -1;
    return 0;
}

static void gather(const i32 *restrict from, i64 n, const i32 *restrict at, i32 *restrict to)
{
    for (i64 p = 0; p <= n; p++)
        to[p] = from[at[p] >= 0 ? at[p] : n];
}

i64 kth_ancestor(const i32 *restrict parent, i64 n, i64 k, i32 *restrict reached, i64 reached_n,
                 i32 *restrict scratch, i64 scratch_n, i64 width)
{
    /* The last entry of each array answers for nobody; `scratch` has three rows. */
    i32 *jump = scratch, *next = scratch + width, *found = scratch + 2 * width;
    for (i64 p = 0; p < n; p++) {
        jump[p] = parent[p];
        found[p] = (i32)p;
    }
    jump[n] = found[n] = -1;
    for (i64 left = k < n ? k : n; left;) {
        i32 *held;
        if (left & 1) {
            gather(jump, n, found, next);
            held = found, found = next, next = held;
        }
        left >>= 1;
        if (left) {
            gather(jump, n, jump, next);
            held = jump, jump = next, next = held;
        }
    }
    for (i64 p = 0; p < n; p++)
        reached[p] = found[p];
    return 0;
}

/* level walk */

i64 walk_levels(const i64 *restrict sources, i64 m, i64 source_columns, const i32 *restrict nodes, i64 n,
                i64 node_columns, const i32 *restrict near_, i64 near_rows, i64 near_n, const i64 *restrict pay,
                i64 classes, i64 levels, i64 pass_to, i64 *restrict used, i64 used_n, i64 used_levels,
                i32 *restrict lines, i64 lines_n, i64 line_columns)
{
    i64 count = 0;
    for (i64 source = 0; source < m; source++) {
        const i64 *from = sources + 4 * source;
        i64 cursor = from[0], limit = from[1];
        for (i64 level = 0; level < levels; level++) {
            i64 taker = cursor, place = from[2];
            if (near_rows > 0 && cursor >= 0)
                taker = near_[(near_rows > 1 ? level : 0) * near_n + cursor];
            if (taker >= limit)
                place = nodes[2 * taker + 1];
            else if (pass_to && cursor >= limit)
                place = nodes[2 * cursor + 1];
            used[place * levels + level] += from[3];
            i64 rate = pay[place * levels + level];
            if (rate > 0 || rate < -2) {
                i32 *line = lines + 4 * count++;
                line[0] = (i32)source;
                line[1] = (i32)(rate > 0 ? taker : n);
                line[2] = (i32)level;
                line[3] = (i32)place;
            }
            i64 step = pass_to ? cursor : taker;
            cursor = step >= 0 ? nodes[2 * step] : -1;
        }
    }
    return count;
}

/* differential */

i64 higher_above(const i32 *restrict parent, i64 n, const i64 *restrict rates, i64 rates_n, i32 *nodes, i64 nodes_n,
                 i64 node_columns)
{
    for (i64 p = 0; p < n; p++) {
        i64 up = parent[p];
        i32 between = 0;
        nodes[3 * p + 2] = (up >= 0 ? nodes[3 * up + 2] : 0) + (rates[p] > 0);
        while (up >= 0 && rates[up] < rates[p])
            up = nodes[3 * up];
        if (up >= 0 && rates[up] == rates[p]) {
            between = nodes[3 * up + 1] + 1;
            up = nodes[3 * up];
        }
        nodes[3 * p] = (i32)up;
        nodes[3 * p + 1] = between;
    }
    return 0;
}

static inline i64 least(i64 a, i64 b)
{
    return a < b ? a : b;
}

static inline void kind_of_line(i64 *restrict lines, i64 at, i64 index, i64 share, i64 kind)
{
    i64 *line = lines + 4 * at;
    line[1] = index;
    line[2] = share;
    line[3] = kind;
}

/* `starts` has six rows, the last of each is nobody's; a line holds its kind until it is kept or counted as lost. */
i64 pay_differences(const i32 *restrict sources, i64 m, const i64 *restrict amounts, i64 amounts_rows, i64 amounts_m,
                    const i32 *restrict starts, i64 starts_rows, i64 width, const i64 *restrict rates, i64 n,
                    const i32 *restrict nodes, i64 nodes_n, i64 node_columns, const i64 *restrict rule, i64 rule_n,
                    i64 *restrict lost, i64 lost_n, i64 lost_columns, i64 *restrict lines, i64 lines_n,
                    i64 line_columns)
{
    i64 count = 0;
    for (i64 source = 0; source < m; source++) {
        i64 index = sources[source] >= 0 ? sources[source] : width - 1;
        i64 own = starts[index], first = starts[width + index], limit = starts[2 * width + index];
        int blocked = starts[3 * width + index] > 0;
        i64 base = amounts[source], done = amounts_rows > 1 ? amounts[m + source] : 0;
        i64 left = rule[0] - done, cursor = first, matched = 0, end = count;
        if (own >= 0 && rates[own] > done && left > 0) {
            i64 share = least(rates[own] - (rule[1] ? 0 : done), left);
            kind_of_line(lines, end++, own, share, 0);
            done = rates[own];
            left -= share;
        }
        if (first >= limit) {
            if (rates[first] <= done && rule[2] > 0 && left > 0) {
                i64 share = least(rule[2], left);
                kind_of_line(lines, end++, first, share, 1);
                done += share;
                left -= share;
            }
            while (cursor >= limit && rates[cursor] <= done) {
                if (rule[4] == 1 && rates[cursor] == done && done > 0)
                    matched = 1 + nodes[3 * cursor + 1];
                cursor = nodes[3 * cursor];
            }
            if (rule[4] == 2 && rule[3] > 0)
                matched = nodes[3 * first + 2] - (cursor >= 0 ? nodes[3 * cursor + 2] : 0);
        }
        while (left > 0) {
            if (rule[3] > 0 && matched >= rule[3]) {
                blocked = 1;
                break;
            }
            if (cursor < limit)
                break;
            i64 share = least(rates[cursor] - (rule[1] ? 0 : done), left);
            kind_of_line(lines, end++, cursor, share, cursor > starts[4 * width + index] ? 4 : 0);
            done = rates[cursor];
            left -= share;
            i64 above = nodes[3 * cursor];
            matched = nodes[3 * cursor + 1];
            if (rule[4] == 2 && rule[3] > 0)
                matched = nodes[3 * cursor + 2] - 1 - (above >= 0 ? nodes[3 * above + 2] : 0);
            cursor = above;
        }
        if (left > 0)
            kind_of_line(lines, end++, -1, left, blocked ? 2 : 3);
        for (i64 at = count; at < end; at++) {
            i64 taker = lines[4 * at + 1], share = lines[4 * at + 2], kind = lines[4 * at + 3];
            i64 number = kind == 2 || kind == 3 ? kind - 1 : kind == 1 || kind == 4 ? 3 : 0;
            if ((kind == 0 || kind == 4) && starts[5 * width + taker] > 0)
                number = 3 + starts[5 * width + taker];
            if (number > 0) {
                lost[2 * (number - 1)] += base;
                lost[2 * (number - 1) + 1] += base * share;
                continue;
            }
            lines[4 * count] = source;
            lines[4 * count + 1] = taker;
            lines[4 * count + 2] = share;
            count++;
        }
    }
    return count;
}

/* binary */

enum { EVERY_STEP, SECOND, ALL };

static inline i64 match_two(const i64 *restrict available, i64 strong, i64 weak, i64 most, i64 *restrict taken)
{
    i64 left = available[0], right = available[1], gain = strong - weak, steps = 0;
    while (steps < most) {
        int left_strong = left >= right;
        i64 big = left_strong ? left : right, small = left_strong ? right : left;
        i64 turn = least(least(big / strong, small / weak), most - steps);
        if (turn < 1)
            break;
        i64 from_big = turn * strong, from_small = turn * weak;
        if (gain > 0) {
            i64 stays = left_strong ? (big - small) / gain + 1 : (big - small + gain - 1) / gain;
            i64 pairs = least(small / (strong + weak), (most - steps) / 2);
            if (stays == 1 && pairs > 0) {
                turn = 2 * pairs;
                from_big = from_small = pairs * (strong + weak);
            } else {
                turn = least(turn, stays);
                from_big = turn * strong;
                from_small = turn * weak;
            }
        }
        steps += turn;
        left -= left_strong ? from_big : from_small;
        right -= left_strong ? from_small : from_big;
    }
    taken[0] += available[0] - left;
    taken[1] += available[1] - right;
    return steps;
}

static inline i64 match_once(const i64 *restrict available, const i64 *restrict deciding, i64 legs, i64 strong_size,
                             i64 weak_size, i64 most, i64 mode, i64 *restrict taken)
{
    i64 strong = 0, others = 0;
    for (i64 leg = 1; leg < legs; leg++)
        if (deciding[leg] > deciding[strong])
            strong = leg;
    i64 second = strong == 0 ? 1 : 0;
    for (i64 leg = 0; leg < legs; leg++)
        if (leg != strong) {
            others += available[leg];
            if (deciding[leg] > deciding[second])
                second = leg;
        }
    if (mode == SECOND)
        others = available[second];
    i64 steps = least(least(available[strong] / strong_size, others / weak_size), most);
    if (steps < 1)
        return 0;
    taken[strong] += steps * strong_size;
    i64 open = steps * weak_size;
    if (mode == SECOND) {
        taken[second] += open;
        return steps;
    }
    while (open > 0) {
        i64 largest = -1;
        for (i64 leg = 0; leg < legs; leg++)
            if (leg != strong && taken[leg] == 0 && (largest < 0 || available[leg] > available[largest]))
                largest = leg;
        i64 part = least(open, available[largest]);
        taken[largest] += part;
        open -= part;
    }
    return steps;
}

i64 match_legs(const i64 *restrict available, i64 n, i64 legs, const i64 *restrict deciding, i64 deciding_n,
               i64 deciding_legs, const i64 *restrict sizes, i64 sizes_n, i64 sizes_columns, const i64 *restrict most,
               i64 most_n, i64 mode, i64 *restrict steps, i64 steps_n, i64 *restrict taken, i64 taken_n, i64 taken_legs)
{
    for (i64 p = 0; p < n; p++) {
        const i64 *size = sizes + (sizes_n == 1 ? 0 : 2 * p), *have = available + legs * p;
        i64 *take = taken + legs * p;
        i64 held = 0;
        steps[p] = 0;
        for (i64 leg = 0; leg < legs; leg++) {
            take[leg] = 0;
            held += have[leg] > 0;
        }
        if (held < 2 || most[p] < 1 || size[0] < 1 || size[1] < 1)
            continue;
        steps[p] = mode == EVERY_STEP
                       ? match_two(have, size[0], size[1], most[p], take)
                       : match_once(have, deciding + legs * p, legs, size[0], size[1], most[p], mode, take);
    }
    return 0;
}

i64 share_caps(const i32 *restrict group, i64 n, const i64 *restrict wanted, i64 wanted_n, const i64 *restrict cap,
               i64 cap_n, i64 *restrict used, i64 groups, i64 *restrict allowed, i64 allowed_n)
{
    for (i64 p = 0; p < n; p++) {
        i64 *mine = &used[group[p]], left = cap[p] - *mine;
        i64 room = cap[p] < 0 ? wanted[p] : left > 0 ? left : 0;
        allowed[p] = least(wanted[p], room);
        *mine += allowed[p];
    }
    return 0;
}
