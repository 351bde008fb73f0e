-- SPDX-License-Identifier: Apache-2.0
-- Client rows per server row, by day. An alert: further from the baseline than the bound, and outside
-- of three standard errors (an action is the unit: its two rows go together).
with days as (
  select event_name, date_trunc('day', instant) as day, sum(client) as client, sum(server) as server
  from pairs semi join both_sides using (event_name)
  group by all
),
base as (
  select event_name, sum(client) / sum(server) as baseline
  from pairs where part = 'before' group by event_name having sum(server) > 0
),
errors as (
  select p.event_name, d.day, sqrt(sum((p.client - d.client / d.server * p.server) ** 2)) / any_value(d.server)
    as error
  from pairs p join days d on d.event_name = p.event_name and d.day = date_trunc('day', p.instant)
  where d.server > 0
  group by all
)
select strftime(day, '%Y-%m-%d') as "day", event_name as "event", client::bigint as "client",
  server::bigint as "server", coalesce(printf('%.4f', client / nullif(server, 0)), 'no server row') as "ratio",
  printf('%.4f', 3 * error) as "+- (3 sigma)", printf('%.4f', baseline) as "baseline",
  case when server = 0 or client = 0 then true
    else abs(ln(client / server / baseline)) > getvariable('slo_ratio')
      and abs(client / server - baseline) > 3 * error end as alert
from days left join errors using (event_name, day) left join base using (event_name)
where client + server >= 20
order by event_name, day
