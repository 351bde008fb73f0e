-- SPDX-License-Identifier: Apache-2.0
-- How many actions of each verdict and cause there are, and how many of them the page can show.
select verdict, cause, count(*) as actions, count(s.id) as shown
from truth left join sample s using (id)
group by verdict, cause
order by actions desc, verdict, cause
