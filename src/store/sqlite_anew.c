/* sqlite_anew: see sqlite_anew.h. Each runs in a transaction of who needs it: at a start after
 * damage, and behind the rows of an import. */
#include "sqlite_anew.h"

/* clang-format off */
const char sqlite_platforms_anew[] =
	"DELETE FROM platform_count; "
	"INSERT INTO platform_count (platform, objects, relinks) "
	"SELECT sender_platform, count(*), 0 FROM object WHERE live = 1 GROUP BY sender_platform; "
	"INSERT INTO platform_count (platform, objects, relinks) "
	"SELECT iif(kind = 0, target_platform, caller_platform), 0, count(*) FROM relink GROUP BY 1 "
	"ON CONFLICT (platform) DO UPDATE SET relinks = excluded.relinks; ";

/* As migrations/0007_blocks.sql made them of what was there. */
const char sqlite_blocks_anew[] =
	"DELETE FROM block; DELETE FROM block_count; "
	"CREATE TEMP TABLE numbered AS SELECT n / 1024 AS k, seq AS last "
	"FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS n FROM object INDEXED BY object_list) WHERE n % 1024 = 0; "
	"CREATE UNIQUE INDEX temp.numbered_k ON numbered (k); "
	"INSERT INTO block (last, first, large, nth) SELECT last, "
	"ifnull((SELECT last FROM numbered p WHERE p.k = n.k - 1), 0), "
	"ifnull((SELECT last FROM numbered p WHERE p.k = (n.k - 1) / 16 * 16), 0), (k - 1) % 16 + 1 FROM numbered n; "
	"CREATE TEMP TABLE placed AS "
	"SELECT o.module, o.scope, o.owner, (SELECT b.last FROM block b WHERE b.last >= o.seq ORDER BY b.last LIMIT 1) AS block, "
	"1 AS live, 0 AS shadowing FROM object o INDEXED BY object_list WHERE o.live = 1 UNION ALL "
	"SELECT o.module, o.scope, o.owner, (SELECT b.last FROM block b WHERE b.last >= o.shadows ORDER BY b.last LIMIT 1), 0, 1 "
	"FROM object o INDEXED BY object_shadow WHERE o.shadows IS NOT NULL; "
	"INSERT INTO block_count (level, module, scope, first, owner, live, shadowing) "
	"SELECT 1, module, scope, b.first, '', sum(live), sum(shadowing) "
	"FROM placed JOIN block b ON b.last = placed.block GROUP BY module, scope, b.first; "
	"INSERT INTO block_count (level, module, scope, first, owner, live, shadowing) "
	"SELECT 2, module, scope, b.large, owner, sum(live), sum(shadowing) "
	"FROM placed JOIN block b ON b.last = placed.block GROUP BY module, scope, b.large, owner; "
	"DROP TABLE temp.numbered; DROP TABLE temp.placed";
/* clang-format on */
