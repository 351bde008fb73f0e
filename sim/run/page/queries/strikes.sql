-- SPDX-License-Identifier: Apache-2.0
-- Which fault struck how many emissions and attempts in each bucket of time.
with struck as (
  select unnest(string_split(faults, ', ')) as fault, bucket_of(captured_at) as bucket
  from emissions
  where faults <> ''
  union all
  select unnest(string_split(faults, ', ')), bucket_of(attempted_at)
  from attempts
  where faults <> ''
)
select fault, bucket, count(*) as strikes
from struck
group by fault, bucket
order by fault, bucket
