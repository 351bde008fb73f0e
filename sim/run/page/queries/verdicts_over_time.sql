-- SPDX-License-Identifier: Apache-2.0
-- Actions by verdict and bucket of the time at which they happened.
select bucket, verdict, count(*) as actions
from truth
group by bucket, verdict
order by bucket, verdict
