-- Of some kinds, steps of handshakes among them, only the newest of each platform are kept: they are counted, and what
-- happened to a platform is read, without walking through what happened to all others.
CREATE INDEX event_of ON event (platform, type, id);
