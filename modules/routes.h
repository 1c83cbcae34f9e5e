/* routes: the words that route tables are written in.
 *
 * Columns: interface, method, path behind the interface's base, body, answer, flags, how to deduce
 * the receiver, row of the endpoint sheet, what is posted to response_url. */
#pragma once

#include "classes.h"

#define SENDER      IFACE_SENDER
#define RECEIVER    IFACE_RECEIVER
#define CLASS(name) &ocpi_class_##name
#define NOTHING     NULL

#define PATCHES      (ROUTE_BODY | ROUTE_PATCH)
#define PAGES        (ROUTE_LIST | ROUTE_LINK)
#define URL_IN_BODY  (ROUTE_BODY | ROUTE_RESPONSE_URL_BODY)
#define URL_IN_QUERY ROUTE_RESPONSE_URL_QUERY
