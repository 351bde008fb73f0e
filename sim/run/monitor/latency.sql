-- SPDX-License-Identifier: Apache-2.0
-- Seconds from the client's clock to the server's, and from the server's to the table.
with spans as (
  select event_name, part, 'client to server' as way,
    (epoch_us(server_ts) - epoch_us(client_ts)) / 1e6 as seconds
  from joined where client_ts is not null and server_ts is not null
  union all
  select event_name, part, 'server to table', (epoch_us(ingestion_ts) - epoch_us(server_ts)) / 1e6
  from joined where ingestion_ts is not null and server_ts is not null
)
select event_name as "event", way as "way", part as "part", count(*) as "actions",
  printf('%.3f', quantile_cont(seconds, 0.5)) as "p50 s",
  printf('%.3f', quantile_cont(seconds, 0.95)) as "p95 s",
  printf('%.3f', quantile_cont(seconds, 0.99)) as "p99 s",
  count(*) filter (seconds < 0) as "negative",
  quantile_cont(seconds, 0.95) > getvariable('slo_latency_p95') as alert
from spans
where part is not null
group by event_name, way, part
order by event_name, way, part desc
