-- The charge logs of the boxes themselves, month by month: what they wrote, and what it was taken
-- for. Rows are never changed or removed, whatever becomes of them on the box.

create table log_month (
    source_id text not null references source (id),
    -- YYYY-MM in the household's zone.
    month text not null,
    -- When it was fetched last.
    fetched bigint not null,
    -- 1: the month was over by then and had rows, so that it need not be asked for again. An empty one
    -- may be the answer of a box that did not understand, or of another one.
    closed bigint not null,
    primary key (source_id, month)
);

-- The last import of each source.
create table log_import (
    source_id text not null primary key references source (id),
    started bigint not null,
    -- running, done, or the code of what broke it off.
    outcome text not null,
    finished bigint
);

create table log_row (
    id integer primary key,
    source_id text not null references source (id),
    month text not null,
    -- What tells rows of a source apart: charge point, begin, end and energy, or the SHA-256 of one
    -- that cannot be read.
    identity text not null,
    -- As the box wrote it.
    raw text not null,
    -- Why it cannot be read; the columns below are empty then.
    unreadable text,
    -- The box's name of the charge point, as in `device_alias`.
    external_id text,
    charge_point_name text,
    serial text,
    begin_ts bigint,
    end_ts bigint,
    -- 1: the box's local time happened twice or not at all when the clocks were changed.
    doubtful bigint not null,
    energy double precision,
    since_plug_in double precision,
    meter_start double precision,
    meter_end double precision,
    charged_s bigint,
    mean_power double precision,
    cost double precision,
    mode text,
    vehicle_id text,
    vehicle_name text,
    tag text,
    soc_start double precision,
    soc_end double precision,
    range_charged double precision,
    -- Fractions of where the energy came from.
    part_grid double precision,
    part_pv double precision,
    part_battery double precision,
    part_charge_point double precision,
    imported bigint not null,
    unique (source_id, identity)
);

create index log_row_begin on log_row (begin_ts);
