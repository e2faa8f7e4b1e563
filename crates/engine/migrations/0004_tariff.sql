-- Prices of a dynamic tariff, as a source told them.
create table price (
    source_id text not null references source (id),
    start_ts bigint not null,
    end_ts bigint not null,
    -- € per kWh; may be negative.
    price double precision not null,
    primary key (source_id, start_ts)
);
