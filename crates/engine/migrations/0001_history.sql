-- Sources, devices and their recorded history.
--
-- Times are epoch milliseconds in UTC. Identities that Ladebuch gives out are UUIDs as text.
-- Energy is in Wh, power in W, state of charge in %.

-- One connection to the outside: an openWB, for instance. A removed source keeps its row, because
-- its history stays.
create table source (
    id text not null primary key,
    kind text not null,
    name text not null,
    -- JSON; never holds a secret.
    config text not null,
    created bigint not null,
    removed bigint
);

-- One thing in the house.
create table device (
    id text not null primary key,
    kind text not null,
    name text,
    serial text,
    -- Place in the palette of its kind.
    color_slot bigint not null,
    created bigint not null
);

-- What a source calls a device. Two sources may see the same one.
create table device_alias (
    source_id text not null references source (id),
    external_id text not null,
    device_id text not null references device (id),
    primary key (source_id, external_id)
);

create index device_alias_device on device_alias (device_id);

-- One recorded quantity of one device.
create table series (
    id integer primary key,
    device_id text not null references device (id),
    quantity text not null,
    unique (device_id, quantity)
);

-- Raw samples, one per series and slot of the fixed grid; never overwritten.
--
-- The key begins with the time: every tick then fills one place at the end of the table instead of
-- one place per series, which writes a fraction of the pages, and ageing samples are removed from
-- one end. Without a rowid the rows lie in the order of that key, and no second tree is needed.
create table sample (
    series_id bigint not null references series (id),
    -- Start of the slot.
    ts bigint not null,
    -- A gauge's value, or a counter's reading at the end of the slot.
    value double precision not null,
    -- Counters: sum of all rises since recording began.
    total double precision,
    -- 0 measured, 1 recovered.
    quality bigint not null,
    primary key (ts, series_id)
) without rowid;

-- Since when raw samples have had which slot length.
create table grid (
    since bigint not null primary key,
    step bigint not null
);

-- Coarse steps of the history, kept for good. Charts read a long run of one series, so the rows of
-- a series lie side by side.
create table slot (
    -- Length of the slot in seconds.
    tier bigint not null,
    series_id bigint not null references series (id),
    -- Start of the slot.
    ts bigint not null,
    -- Gauges.
    mean double precision,
    min double precision,
    max double precision,
    -- Gauges: number of raw samples behind the slot.
    count bigint,
    -- Counters, at the end of the slot: the meter's reading and the sum of all rises.
    reading double precision,
    total double precision,
    -- 0 measured, 1 recovered.
    quality bigint not null,
    primary key (tier, series_id, ts)
) without rowid;

-- How far things have come:
--   recorded       end of the newest recorded slot
--   raw            raw samples before it are gone (or never were)
--   tier-<seconds> that tier is rolled up until there
create table watermark (
    name text not null primary key,
    ts bigint not null
);

-- When nothing could be recorded, and why. Neither a source nor a device means everything.
create table gap (
    id integer primary key,
    source_id text references source (id),
    device_id text references device (id),
    cause text not null,
    from_ts bigint not null,
    until_ts bigint not null
);

-- Nulls are distinct from each other in a unique constraint; a gap of everything must not be.
create unique index gap_identity
on gap (coalesce(source_id, ''), coalesce(device_id, ''), cause, from_ts);

create index gap_until on gap (until_ts);

-- When a counter did something else than rise.
create table counter_event (
    series_id bigint not null references series (id),
    ts bigint not null,
    kind text not null,
    before double precision not null,
    after double precision not null,
    primary key (series_id, ts)
);

-- Every run of the program. One that has no end was cut off.
create table run (
    id integer primary key,
    started bigint not null,
    last_seen bigint not null,
    ended bigint
);

-- The household's settings, as JSON.
create table setting (
    name text not null primary key,
    value text not null
);
