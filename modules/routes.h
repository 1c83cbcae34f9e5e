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

#define DEDUCE_NONE           NULL
#define DEDUCE_CDR_TOKEN      &ocpi_deduce_cdr_token
#define DEDUCE_LOCATION_ID    &ocpi_deduce_location
#define DEDUCE_SESSION_ID     &ocpi_deduce_session
#define DEDUCE_SESSION_HOLDER &ocpi_deduce_session_holder
#define DEDUCE_PROFILE        &ocpi_deduce_profile
#define DEDUCE_RESERVATION_ID &ocpi_deduce_reservation
#define DEDUCE_TOKEN          &ocpi_deduce_token
#define DEDUCE_OBJECT         &ocpi_deduce_object
#define DEDUCE_HOLDER         &ocpi_deduce_holder

#define PATCHES      (ROUTE_BODY | ROUTE_PATCH)
#define PAGES        (ROUTE_LIST | ROUTE_LINK)
#define URL_IN_BODY  (ROUTE_BODY | ROUTE_RESPONSE_URL_BODY)
#define URL_IN_QUERY ROUTE_RESPONSE_URL_QUERY

extern const struct ocpi_deduction ocpi_deduce_cdr_token, ocpi_deduce_location, ocpi_deduce_session,
        ocpi_deduce_session_holder, ocpi_deduce_profile, ocpi_deduce_reservation, ocpi_deduce_token,
        ocpi_deduce_object, ocpi_deduce_holder;
extern const struct ocpi_memory ocpi_remember_reservation, ocpi_remember_profile;
