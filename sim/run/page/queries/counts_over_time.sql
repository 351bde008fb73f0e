-- SPDX-License-Identifier: Apache-2.0
-- Actions that must be in the table, those that may be besides, and rows, by bucket of time.
with played as (
  select event_name, bucket,
    count(*) filter (expectation = 'must') as must, count(*) filter (expectation = 'may') as may
  from truth
  group by event_name, bucket
),
read as (
  select event_name, bucket, count(*) as rows from clean group by event_name, bucket
)
select event_name, bucket, coalesce(must, 0)::bigint as must, coalesce(may, 0)::bigint as may,
  coalesce(rows, 0)::bigint as rows
from played full join read using (event_name, bucket)
where bucket is not null
order by event_name, bucket
