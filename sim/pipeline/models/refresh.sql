-- SPDX-License-Identifier: Apache-2.0
-- Brings `actions` up to date with the log's rows first_row .. end_row - 1: only actions that
-- these rows touch are made again. From an empty warehouse with all rows at once it is the full
-- rebuild, so there is one way for both, and the result is the same however the rows are cut.
update refreshes set n = n + 1;

-- Rows of before whose key the new rows may change. That takes a row without an id: a new one that
-- shares its place with an old one, an old one that a new one gives its id to, or, without a place
-- too, one that is near another in time.
delete from related_rows;
create or replace temp table idless_rows as
select position, place from identified where id is null;
create or replace temp table fresh_places as
select place from idless_rows where place is not null
union
select place from identified where place in (select place from action_keys where id is null);
insert into related_rows
select arrival_position(arrival) from action_keys where place in (from fresh_places);
insert into related_rows
select arrival_position(arrival)
from action_keys
where id is null and place is null and exists (from idless_rows where place is null);
insert into idless_rows
select arrival_position(arrival), place
from action_keys
where id is null and arrival_position(arrival) in (from related_rows);

-- The actions that they leave, their keys of now and those of the new rows.
create or replace temp table left_keys as
select run, key from action_keys where arrival_position(arrival) in (from related_rows);
delete from action_keys where arrival_position(arrival) in (from related_rows);
create or replace temp table fresh_keys as from keyed;

-- The other rows of every action that is touched. `picked` looks at fresh_keys and these.
create or replace temp table old_keys as
select *
from action_keys
semi join (select run, key from fresh_keys union all from left_keys) using (run, key);

delete from actions
where (run, key) in (select run, key from old_keys union all from left_keys);
-- In the order of the log, where neighbours are read fastest.
insert into actions by name from picked order by coalesce(client_position, server_position);
insert into action_keys from fresh_keys;
