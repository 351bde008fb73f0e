-- SPDX-License-Identifier: Apache-2.0
-- Rebuilds clean_events from the views of clean_events.sql. keyed_rows exists because `picked` is
-- cheaper on few narrow columns than on all; the number fixes the order in which rows are read.
update rebuilds set n = n + 1;
create or replace table keyed_rows as from keyed;
create or replace table clean_events as
select row_number() over (order by event_ts, event_id, run_id, key) as number, * exclude (key)
from clean
order by number;
