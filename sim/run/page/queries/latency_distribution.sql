-- SPDX-License-Identifier: Apache-2.0
-- How often each length came: ten steps a factor of ten, `step` 0 is below one microsecond.
select kind, (case when us < 1 then 0 else 1 + floor(10 * log10(us)) end)::int as step,
  count(*) as n
from latencies
group by kind, step
order by kind, step
