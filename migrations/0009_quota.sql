-- How much each platform has, counted along, since a quota is looked at whenever an object or a URL is added.

CREATE TABLE platform_count (
	platform INTEGER PRIMARY KEY,
	objects  INTEGER NOT NULL, -- that live, whoever they are for, and that it wrote last
	relinks  INTEGER NOT NULL  -- handed out for it: response_url (kind 0) where it is the target, else where it is the caller
);
INSERT INTO platform_count (platform, objects, relinks)
	SELECT sender_platform, count(*), 0 FROM object WHERE live = 1 GROUP BY sender_platform;
INSERT INTO platform_count (platform, objects, relinks)
	SELECT iif(kind = 0, target_platform, caller_platform), 0, count(*) FROM relink GROUP BY 1
	ON CONFLICT (platform) DO UPDATE SET relinks = excluded.relinks;

CREATE TRIGGER platform_object_more AFTER INSERT ON object WHEN new.live = 1 BEGIN
	INSERT INTO platform_count (platform, objects, relinks) VALUES (new.sender_platform, 1, 0)
		ON CONFLICT (platform) DO UPDATE SET objects = objects + 1;
END;
CREATE TRIGGER platform_object_less AFTER DELETE ON object WHEN old.live = 1 BEGIN
	UPDATE platform_count SET objects = objects - 1 WHERE platform = old.sender_platform;
END;
CREATE TRIGGER platform_object_other AFTER UPDATE OF live, sender_platform ON object
	WHEN old.live <> new.live OR old.sender_platform <> new.sender_platform BEGIN
	UPDATE platform_count SET objects = objects - old.live WHERE platform = old.sender_platform;
	INSERT INTO platform_count (platform, objects, relinks) VALUES (new.sender_platform, new.live, 0)
		ON CONFLICT (platform) DO UPDATE SET objects = objects + new.live;
END;
CREATE TRIGGER platform_relink_more AFTER INSERT ON relink BEGIN
	INSERT INTO platform_count (platform, objects, relinks)
		VALUES (iif(new.kind = 0, new.target_platform, new.caller_platform), 0, 1)
		ON CONFLICT (platform) DO UPDATE SET relinks = relinks + 1;
END;
CREATE TRIGGER platform_relink_less AFTER DELETE ON relink BEGIN
	UPDATE platform_count SET relinks = relinks - 1 WHERE platform = iif(old.kind = 0, old.target_platform, old.caller_platform);
END;
