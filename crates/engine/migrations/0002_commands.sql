-- What was asked of wallboxes, by whom, and what became of it.
create table command (
    -- UUIDv7, so that the order of the ids is the order in time.
    id text not null primary key,
    -- Not a reference: a device is stored with its first sample, and may be commanded before.
    device_id text not null,
    -- JSON, as `ladebuch-domain` writes a command.
    command text not null,
    author text not null,
    sent bigint not null,
    -- pending, confirmed, not_confirmed, refused or interrupted.
    outcome text not null,
    -- Why it was not done: a stable code.
    reason text,
    -- What the box said about its state at that time.
    said text,
    finished bigint
);

create index command_of_device on command (device_id, id);

-- Settings that are to be put back when the vehicle is unplugged.
create table put_back (
    device_id text not null primary key,
    -- The document as the box had it.
    document text not null,
    since bigint not null
);
