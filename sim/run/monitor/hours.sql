-- SPDX-License-Identifier: Apache-2.0
-- Actions whose hour by the client's clock is another than by the server's: skewed devices, zones,
-- late batches. They move between the buckets of every hourly chart that uses client_ts.
select event_name as "event", part as "part", count(*) as "actions",
  count(*) filter (date_trunc('hour', client_ts) <> date_trunc('hour', server_ts)) as "other hour",
  count(*) filter (date_trunc('day', client_ts) <> date_trunc('day', server_ts)) as "other day",
  printf('%.2f %%', 100.0 * count(*) filter (
    date_trunc('hour', client_ts) <> date_trunc('hour', server_ts)) / count(*)) as "share",
  mode(date_diff('hour', server_ts, client_ts)) filter (
    date_trunc('hour', client_ts) <> date_trunc('hour', server_ts)) as "mostly by hours",
  count(*) filter (date_trunc('hour', client_ts) <> date_trunc('hour', server_ts))
    > getvariable('slo_hours') * count(*) as alert
from joined
where client_ts is not null and server_ts is not null and part is not null
group by event_name, part
order by event_name, part desc
