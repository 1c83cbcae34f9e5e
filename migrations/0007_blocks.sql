-- Where the pages of a long list begin. OCPI 2.2.1: transport_and_format "Pagination", offset.

-- Objects in the order of their creation, some thousand after the other. What was created since the last block ended is in
-- none. A block never gets more objects, and those that go leave a smaller number.
CREATE TABLE block (
	last  INTEGER PRIMARY KEY, -- seq, deleted ones included
	first INTEGER NOT NULL,    -- it begins behind this seq
	large INTEGER NOT NULL,    -- behind which seq the large block begins that it is part of
	nth   INTEGER NOT NULL     -- of that one, from 1 on
);

-- How many objects of a list are in each block. Level 1: of all owners together, by block (owner is empty). Level 2: of each
-- owner, by large block.
CREATE TABLE block_count (
	level     INTEGER NOT NULL,
	module    TEXT NOT NULL,
	scope     TEXT NOT NULL,
	first     INTEGER NOT NULL,
	owner     TEXT NOT NULL,
	live      INTEGER NOT NULL,
	shadowing INTEGER NOT NULL, -- how many shared objects of this block are hidden by one of this scope, wherever that is
	PRIMARY KEY (level, module, scope, first, owner)
) WITHOUT ROWID;
CREATE TRIGGER block_empty AFTER UPDATE ON block_count WHEN new.live = 0 AND new.shadowing = 0 BEGIN
	DELETE FROM block_count WHERE level = new.level AND module = new.module AND scope = new.scope AND first = new.first
		AND owner = new.owner;
END;

CREATE INDEX object_shadowed ON object (shadows) WHERE shadows IS NOT NULL;

-- What is there already, by indexes alone: no body is read.
CREATE TEMP TABLE numbered AS
	SELECT n / 1024 AS k, seq AS last
	FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS n FROM object INDEXED BY object_list) WHERE n % 1024 = 0;
CREATE UNIQUE INDEX temp.numbered_k ON numbered (k);
INSERT INTO block (last, first, large, nth)
	SELECT last, ifnull((SELECT last FROM numbered p WHERE p.k = n.k - 1), 0),
		ifnull((SELECT last FROM numbered p WHERE p.k = (n.k - 1) / 16 * 16), 0), (k - 1) % 16 + 1
	FROM numbered n;
DROP TABLE temp.numbered;
CREATE TEMP TABLE placed AS
	SELECT o.module, o.scope, o.owner, (SELECT b.last FROM block b WHERE b.last >= o.seq ORDER BY b.last LIMIT 1) AS block,
		1 AS live, 0 AS shadowing
	FROM object o INDEXED BY object_list WHERE o.live = 1
	UNION ALL
	SELECT o.module, o.scope, o.owner, (SELECT b.last FROM block b WHERE b.last >= o.shadows ORDER BY b.last LIMIT 1), 0, 1
	FROM object o INDEXED BY object_shadow WHERE o.shadows IS NOT NULL;
INSERT INTO block_count (level, module, scope, first, owner, live, shadowing)
	SELECT 1, module, scope, b.first, '', sum(live), sum(shadowing)
	FROM placed JOIN block b ON b.last = placed.block GROUP BY module, scope, b.first;
INSERT INTO block_count (level, module, scope, first, owner, live, shadowing)
	SELECT 2, module, scope, b.large, owner, sum(live), sum(shadowing)
	FROM placed JOIN block b ON b.last = placed.block GROUP BY module, scope, b.large, owner;
DROP TABLE temp.placed;
