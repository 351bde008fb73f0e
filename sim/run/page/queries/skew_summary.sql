-- SPDX-License-Identifier: Apache-2.0
-- The same as percentiles, in microseconds.
select series, count(*) as n, quantile_disc(us, 0.01) as p1, quantile_disc(us, 0.5) as p50,
  quantile_disc(us, 0.99) as p99
from skews
group by series
order by series
