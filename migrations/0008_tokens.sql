-- How old a token is, and what a platform was told of the hub. OCPI 2.2.1, credentials "Updating the credentials and
-- resetting the token", "Changing endpoints for the current version".

-- When the hub made it: tokens are replaced by the calendar. Of those that are there already it is not known; they are
-- as old as their platform at most, and to replace one too early does no harm.
ALTER TABLE token ADD COLUMN made_ms INTEGER NOT NULL DEFAULT 0;
UPDATE token SET made_ms = (SELECT created_ms FROM platform WHERE platform.id = token.platform);

-- Digest of the versions URL and the version details that it was told in its last handshake; NULL: what meta "told" says,
-- which is noted when there is none.
ALTER TABLE platform ADD COLUMN told TEXT;
