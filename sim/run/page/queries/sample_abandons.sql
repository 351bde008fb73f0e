-- SPDX-License-Identifier: Apache-2.0
-- What an SDK gave up.
select action_id, source, copy, since(abandoned_at) as abandoned_at, why
from sample join abandons using (action_id)
order by action_id, abandoned_at
