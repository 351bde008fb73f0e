-- SPDX-License-Identifier: Apache-2.0
-- Which fault struck how many emissions and attempts in each bucket of time. A fault's copies carry
-- what was decided about their original, so one side's emissions of an action are one.
with hits as (
  select action_id, source, unnest(string_split(faults, ', ')) as fault, captured_at
  from emissions
  where faults <> ''
),
struck as (
  select fault, bucket_of(min(captured_at)) as bucket
  from hits
  group by action_id, source, fault
  union all
  select unnest(string_split(faults, ', ')), bucket_of(attempted_at)
  from attempts
  where faults <> ''
)
select fault, bucket, count(*) as strikes
from struck
group by fault, bucket
order by fault, bucket
