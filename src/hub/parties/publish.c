/* publish: a directory of what the registry has now. */
#include "../news.h"
#include "registry.h"

void
registry_publish(struct hub *hub)
{
	directory_publish(hub, directory_build(&hub->registry->records, hub->registry->agreed));
	news_ring(hub);
}
