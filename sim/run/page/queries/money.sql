-- SPDX-License-Identifier: Apache-2.0
-- Money by event and currency as it was really spent, what must and may be in the table, what is.
with played as (
  select event_name, currency,
    sum(money) filter (not refused) as happened,
    sum(money) filter (expectation = 'must') as must,
    sum(money) filter (expectation = 'may') as may
  from truth
  where money is not null
  group by event_name, currency
),
read as (
  select event_name, currency, sum(money) as rows
  from clean
  where money is not null
  group by event_name, currency
)
select event_name, currency, coalesce(happened, 0) as happened, coalesce(must, 0) as must,
  coalesce(may, 0) as may, coalesce(rows, 0) as rows
from played full join read using (event_name, currency)
order by event_name, currency
