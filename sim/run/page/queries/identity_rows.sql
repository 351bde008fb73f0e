-- SPDX-License-Identifier: Apache-2.0
-- Rows by what is odd about who they are of. A row may be in several.
select 'rows' as what, count(*) as rows from clean
union all
select 'without an event_id', count(*) filter (id_form in ('absent', 'empty', 'placeholder'))
from clean
union all
select 'with an event_id that is no UUID', count(*) filter (id_form = 'foreign') from clean
union all
select 'with the event_id of another row', count(event) - count(distinct event) from clean
union all
select 'of no action (phantom)', count(*) filter (id is null) from clean
union all
select 'under another user', count(*) filter (id is not null and user is null) from clean
union all
select 'under another session', count(*) filter (id is not null and session is null) from clean
union all
select 'after the deadline', count(*) filter (late) from clean
