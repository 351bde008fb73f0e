-- SPDX-License-Identifier: Apache-2.0
-- Client clocks: how often each step of error was injected, and how often the table shows it.
select series, skew_step(us)::int as step, count(*) as n
from skews
group by series, step
order by series, step
