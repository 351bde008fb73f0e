-- SPDX-License-Identifier: Apache-2.0
-- Percentiles of each kind of latency by bucket of time, in microseconds.
select kind, bucket, count(*) as n, quantile_disc(us, 0.5) as p50, quantile_disc(us, 0.9) as p90,
  quantile_disc(us, 0.99) as p99
from latencies
group by kind, bucket
order by kind, bucket
