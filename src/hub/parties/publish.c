/* publish: a directory of what the registry has now. */
#include "../news.h"
#include "registry.h"

void
registry_publish(struct hub *hub)
{
	struct registry *registry = hub->registry;

	directory_publish(
	        hub, directory_build(&registry->records, registry->agreed, &registry->foreign));
	news_ring(hub);
}
