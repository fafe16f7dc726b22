"""Recursive SQL, the same text for DuckDB, SQLite and PostgreSQL: each fills in how it divides whole numbers."""

from __future__ import annotations

from benchmarks.job import KEEP_CENTS, RATES_PPM

GROUP_VOLUME = """
CREATE TABLE rolled AS
WITH RECURSIVE up(ancestor, pv) AS (
  SELECT member_id, pv FROM points WHERE pv <> 0
  UNION ALL
  SELECT p.sponsor_id, up.pv FROM up JOIN points p ON p.member_id = up.ancestor WHERE p.sponsor_id IS NOT NULL
)
SELECT ancestor AS member_id, SUM(pv) AS gv FROM up GROUP BY ancestor
"""
KEEPERS = f"""
CREATE TABLE keepers AS
WITH RECURSIVE up(member_id, candidate) AS (
  SELECT member_id, sponsor_id FROM points WHERE sponsor_id IS NOT NULL
  UNION ALL
  SELECT up.member_id, p.sponsor_id FROM up JOIN points p ON p.member_id = up.candidate
  WHERE p.pv < {KEEP_CENTS} AND p.sponsor_id IS NOT NULL
)
SELECT up.member_id AS member_id, up.candidate AS keeper
FROM up JOIN points p ON p.member_id = up.candidate WHERE p.pv >= {KEEP_CENTS}
"""
LEVELS = f"""
CREATE TABLE paid AS
WITH RECURSIVE walk(earner, pv, level) AS (
  SELECT k.keeper, p.pv, 1 FROM points p JOIN keepers k ON k.member_id = p.member_id WHERE p.pv <> 0
  UNION ALL
  SELECT k.keeper, walk.pv, walk.level + 1 FROM walk JOIN keepers k ON k.member_id = walk.earner
  WHERE walk.level < {len(RATES_PPM)}
)
SELECT earner AS member_id, SUM(
  (CASE WHEN pv < 0 THEN -1 ELSE 1 END) * CAST(DIVIDE AS BIGINT)
) AS paid FROM walk JOIN rates ON rates.level = walk.level GROUP BY earner
"""
ANSWER = """
SELECT p.member_id, CAST(COALESCE(r.gv, 0) AS BIGINT) AS gv, CAST(COALESCE(e.paid, 0) AS BIGINT) AS paid
FROM points p LEFT JOIN rolled r ON r.member_id = p.member_id LEFT JOIN paid e ON e.member_id = p.member_id
ORDER BY p.member_id
"""
RATES = [(level, rate) for level, rate in enumerate(RATES_PPM, start=1)]


DERIVED = ("rolled", "keepers", "paid")
