-- What was asked of wallboxes, by whom, and what became of it.
create table command (
    -- UUIDv7, so that the order of the ids is the order in time.
    id text not null primary key,
    -- Not a reference: a device is stored with its first sample, and may be commanded before.
    device_id text not null,
    -- JSON, as `ladebuch-domain` writes a command.
    command text not null,
    author text not null,
    -- 1: to be put back when the vehicle is unplugged.
    until_unplug bigint not null,
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

-- Settings that were changed for one charge, as they were before. Charge points with the same
-- profile share them, so they are put back when the last one that wanted a change is unplugged.
create table put_back (
    source_id text not null references source (id),
    -- The profile, the box, or the charge point that has the setting.
    scope text not null,
    -- Which setting: the kind of the command.
    kind text not null,
    -- JSON: the command that puts it back.
    back text not null,
    -- JSON: the commands that may have changed it; one that was not confirmed may have been followed or
    -- not. What is otherwise by now was changed by somebody else.
    set_to text not null,
    since bigint not null,
    primary key (source_id, scope, kind)
);

-- Who wants them changed still.
create table put_back_wanted (
    source_id text not null,
    scope text not null,
    kind text not null,
    device_id text not null,
    primary key (source_id, scope, kind, device_id),
    foreign key (source_id, scope, kind) references put_back (source_id, scope, kind)
        on delete cascade
);
