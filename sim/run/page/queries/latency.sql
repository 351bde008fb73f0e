-- SPDX-License-Identifier: Apache-2.0
-- Each kind of latency over the whole run, in microseconds.
select kind, count(*) as n, quantile_disc(us, 0.5) as p50, quantile_disc(us, 0.9) as p90,
  quantile_disc(us, 0.99) as p99, quantile_disc(us, 0.999) as p999, max(us) as max
from latencies
group by kind
order by kind
