-- SPDX-License-Identifier: Apache-2.0
-- Actions by event as they happened, what must and may be in the table, and what is.
with played as (
  select event_name,
    count(*) filter (not refused) as happened,
    count(*) filter (expectation = 'must') as must,
    count(*) filter (expectation = 'may') as may,
    count(*) filter (verdict in ('ok', 'recovered') and expectation in ('must', 'may'))
      as right_rows
  from truth
  group by event_name
),
read as (
  select event_name, count(*) as rows, count(*) filter (id is null) as phantom
  from clean
  group by event_name
)
select event_name,
  coalesce(happened, 0)::bigint as happened, coalesce(must, 0)::bigint as must,
  coalesce(may, 0)::bigint as may, coalesce(rows, 0)::bigint as rows,
  coalesce(phantom, 0)::bigint as phantom, coalesce(right_rows, 0)::bigint as right_rows
from played full join read using (event_name)
order by event_name
