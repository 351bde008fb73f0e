-- SPDX-License-Identifier: Apache-2.0
-- Who is who: distinct people, devices and visits that must be in the table, those that may be there
-- with them, and those that the table knows.
with played as (
  select a.user_id, a.device_id, a.session_id, v.expectation = 'must' as must
  from raw_actions a join verdicts v using (action_id)
  where v.expectation in ('must', 'may')
)
select 'users' as what, count(distinct user_id) filter (must) as low,
  count(distinct user_id) as high, (select count(distinct user_id) from raw_rows) as actual
from played
union all
select 'devices', count(distinct device_id) filter (must), count(distinct device_id),
  (select count(distinct device_id) from raw_rows)
from played
union all
select 'sessions', count(distinct session_id) filter (must), count(distinct session_id),
  (select count(distinct session_id) from raw_rows)
from played
