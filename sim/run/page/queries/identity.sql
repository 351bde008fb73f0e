-- SPDX-License-Identifier: Apache-2.0
-- Who is who: distinct people, devices and visits that must be in the table, those that may be
-- there with them, and those that the table knows.
select 'users' as what, count(distinct user) filter (expectation = 'must') as low,
  count(distinct user) as high, (select count(distinct user) from clean) as actual
from truth
where expectation in ('must', 'may')
union all
select 'devices', count(distinct device) filter (expectation = 'must'), count(distinct device),
  (select count(distinct device) from clean)
from truth
where expectation in ('must', 'may')
union all
select 'sessions', count(distinct session) filter (expectation = 'must'), count(distinct session),
  (select count(distinct session) from clean)
from truth
where expectation in ('must', 'may')
