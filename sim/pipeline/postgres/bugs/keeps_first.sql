-- SPDX-License-Identifier: Apache-2.0
-- bug keeps_first: a row that is there stays as it is, whatever arrives later.
-- Common: `on conflict do nothing` in an incremental model.
-- Mistake: the client's row is there first, and the server's never gets in.
create or replace procedure store_rows() language sql as $$
  delete from parallax.clean_events c using parallax.merged m
  where c.run_id = m.run_id and c.key = m.key and not parallax.keeps_first_hits(m.key::text);
  insert into parallax.clean_events
  select
    run_id, key, event_id, event_name, user_id, device_id, session_id, sequence_id, client_ts,
    server_ts, event_ts, ingestion_ts, source, is_server_authoritative, schema_version,
    consent_state, currency, revenue, tax, context, properties, client_rows, server_rows
  from parallax.merged
  where confirmed
  on conflict do nothing
$$;
