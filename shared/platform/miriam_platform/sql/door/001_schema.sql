-- What stands at the service's door: who may enter, what was refused, what is parked.
create schema if not exists door;
