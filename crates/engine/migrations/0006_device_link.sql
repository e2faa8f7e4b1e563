-- One wallbox that two sources see: a station of the Elli cloud, and the charge point that is seen
-- from near. Both keep their own history.
create table device_link (
    station_id text not null primary key references device (id),
    point_id text not null unique references device (id)
);
