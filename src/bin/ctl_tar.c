/* ctl_tar: a tar archive of files of text, as POSIX has it (ustar): all programs read it, and a
 * header and a checksum are less than a library. */
#include "ctl_tar.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK = 512, NAME_MOST = 100 };

struct header { /* octal digits, NUL at the end */
	char name[NAME_MOST], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
	char link[NAME_MOST], magic[6], version[2], user[32], group[32], major[8], minor[8];
	char prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "of tar");

static void
pad(struct buf *tar)
{
	static const char zeros[BLOCK];

	if (tar->len % BLOCK != 0)
		buf_add(tar, (struct str){ zeros, BLOCK - tar->len % BLOCK });
}

void
ctl_tar_add(struct buf *tar, const char *name, struct str content, int64_t at_s)
{
	struct header header = { .type = '0', .magic = "ustar", .version = { '0', '0' } };
	unsigned sum = 0;

	(void)snprintf(header.name, sizeof header.name, "%s", name);
	(void)snprintf(header.mode, sizeof header.mode, "%07o", 0600u);
	(void)snprintf(header.uid, sizeof header.uid, "%07o", 0u);
	(void)snprintf(header.gid, sizeof header.gid, "%07o", 0u);
	(void)snprintf(header.size, sizeof header.size, "%011llo", (unsigned long long)content.len);
	(void)snprintf(header.mtime, sizeof header.mtime, "%011llo", (unsigned long long)at_s);
	memset(header.checksum, ' ', sizeof header.checksum);
	for (size_t i = 0; i < sizeof header; i++)
		sum += ((const unsigned char *)&header)[i];
	(void)snprintf(header.checksum, sizeof header.checksum, "%06o", sum);
	header.checksum[7] = ' ';
	buf_add(tar, (struct str){ (const char *)&header, sizeof header });
	buf_add(tar, content);
	pad(tar);
}

void
ctl_tar_end(struct buf *tar)
{
	static const char zeros[2 * BLOCK];

	buf_add(tar, (struct str){ zeros, sizeof zeros });
}
