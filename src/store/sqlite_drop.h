/* sqlite_drop: the statements of what goes with its owner, a part of the table in sqlite_sql.c. */
#pragma once

/* clang-format off */
#define OWNED_STATEMENTS \
	[SQL_OBJECTS_IN_SCOPE] = \
		"SELECT seq, live, shadows, scope, module, owner, id, type FROM object INDEXED BY object_list " \
		"WHERE scope = ?1 LIMIT ?2", \
	/* By its modules, so that the index leads to the owner. */ \
	[SQL_OBJECTS_OF_OWNER] = \
		"SELECT seq, live, shadows, scope, module, owner, id, type FROM object INDEXED BY object_date " \
		"WHERE scope = ?1 AND module IN ('locations', 'sessions', 'cdrs', 'tariffs', 'tokens', 'commands', " \
		"'chargingprofiles') AND live IN (0, 1) AND owner = ?3 LIMIT ?2"
/* clang-format on */
