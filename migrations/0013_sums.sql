-- The digest of an object that is written from here on is a sum of 8 bytes (src/store/sqlite_digest.c); of those that are
-- there the digests stay, and are believed as they were. There is nothing to change in the database, but programs from
-- before would take every new row for damaged, and must not open it.
SELECT 1;
