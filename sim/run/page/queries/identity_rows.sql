-- SPDX-License-Identifier: Apache-2.0
-- Rows by what is odd about who they are of. A row may be in several.
select 'rows' as what, count(*) as rows from raw_rows
union all
select 'without an event_id', count(*) filter (id_form in ('absent', 'empty', 'placeholder'))
from raw_rows
union all
select 'with an event_id that is no UUID', count(*) filter (id_form = 'foreign') from raw_rows
union all
select 'with the event_id of another row', coalesce(sum(n) - count(*), 0)::bigint
from (select count(*) as n from raw_rows where event_id is not null group by event_id)
union all
select 'of no action (phantom)', count(*) filter (action_id is null) from raw_rows
union all
select 'under another user', count(*) filter (action_id is not null and user_id is null)
from raw_rows
union all
select 'under another session', count(*) filter (action_id is not null and session_id is null)
from raw_rows
union all
select 'after the deadline', count(*) filter (late) from raw_rows
