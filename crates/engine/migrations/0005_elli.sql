-- The Elli cloud: what of an account is kept. Its records are rows of the charge log.

-- When the source wrote the row down, where it says so.
alter table log_row add column created bigint;
-- 1: its source says that something went wrong with it, so that its energy may be wrong.
alter table log_row add column faulted bigint not null default 0;
-- Since when its source no longer shows it.
alter table log_row add column gone bigint;

create index log_row_charge_point on log_row (source_id, external_id);

-- Earlier texts of rows that their source has changed.
create table log_row_past (
    id integer primary key,
    row_id bigint not null references log_row (id),
    raw text not null,
    -- Until when it was the row's text, as far as is known.
    replaced bigint not null
);

create index log_row_past_row on log_row_past (row_id);

-- The latest of everything else that an account told.
create table elli_document (
    source_id text not null references source (id),
    kind text not null,
    -- Id of the station that it is about; empty: about the account.
    key text not null,
    -- JSON.
    raw text not null,
    fetched bigint not null,
    primary key (source_id, kind, key)
);

-- Elli's own reports. The same bytes are kept once.
create table elli_pdf_file (
    -- In hex.
    sha256 text not null primary key,
    bytes blob not null
);

create table elli_pdf (
    id integer primary key,
    source_id text not null references source (id),
    station_id text not null,
    -- Id and number of the card; neither: all records.
    card_id text,
    card_number text,
    -- The period by when Elli wrote records down.
    from_ts bigint not null,
    to_ts bigint not null,
    fetched bigint not null,
    sha256 text not null references elli_pdf_file (sha256)
);

create index elli_pdf_source on elli_pdf (source_id, id);
