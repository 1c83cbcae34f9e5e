/* envelope: {data, status_code, status_message, timestamp}, written and read.
 *
 * Spec: 2.2.1 transport_and_format.asciidoc "Response format". Reading asks for nothing but a
 * status_code: timestamp and data are left out in the field, and data is optional on errors
 * (TRN-014). */
#include "json.h"

enum { FRAME_BYTES = 128 }; /* all but data and message */

static void
end_envelope(struct buf *buf, int code, struct str message, int64_t now_ms)
{
	json_put_number(buf, "status_code", code);
	json_put_text(buf, "status_message", message);
	json_put_time(buf, "timestamp", now_ms);
	json_end_object(buf);
}

void
ocpi_envelope_write(struct buf *buf, int code, struct str message, struct str data, int64_t now_ms)
{
	buf_reserve(buf, data.len + message.len + FRAME_BYTES);
	json_put_object(buf, NULL);
	json_put_raw(buf, "data", data);
	end_envelope(buf, code, message, now_ms);
}

void
ocpi_list_begin(struct buf *buf, size_t bytes)
{
	buf_reserve(buf, bytes + FRAME_BYTES);
	json_put_object(buf, NULL);
	json_put_list(buf, "data");
}

void
ocpi_list_end(struct buf *buf, int64_t now_ms)
{
	json_end_list(buf);
	end_envelope(buf, 1000, STR("Success"), now_ms);
}

void
ocpi_envelope_error(struct buf *buf, const struct fault *fault, int64_t now_ms)
{
	const struct rh_err_info *info = rh_err_info(fault->err);
	struct buf message = { 0 };

	buf_add(&message, str_of(info->text));
	if (fault->field[0] != '\0')
		buf_printf(&message, ": %s", fault->field);
	if (fault->why[0] != '\0')
		buf_printf(&message, ": %s", fault->why);
	ocpi_envelope_write(buf, info->ocpi, buf_str(&message), (struct str){ 0 }, now_ms);
	buf_free(&message);
}

static enum rh_err
refuse(struct fault *fault, const char *field, const char *why)
{
	return fault_set(fault, RH_BAD_ANSWER, field, "%s", why);
}

enum rh_err
ocpi_envelope_read(struct str body, uint32_t max_nodes, struct arena *arena,
        struct ocpi_envelope *envelope, struct fault *fault)
{
	struct fault json = { 0 };
	struct json_doc *doc = &envelope->doc;
	uint32_t node;
	int64_t code;

	*envelope = (struct ocpi_envelope){ 0 };
	if (json_scan(body, max_nodes, arena, doc, &json) != RH_OK)
		return refuse(fault, "", json.why);
	if (doc->nodes[0].type != JSON_OBJECT)
		return refuse(fault, "", "expected an object");
	node = json_member(doc, 0, "status_code");
	if (node == 0)
		return refuse(fault, "/status_code", "is missing");
	if (!json_int(doc, node, &code) || code < 1000 || code > 9999)
		return refuse(fault, "/status_code", "expected an integer of four digits");
	envelope->code = (int)code;
	envelope->message = json_member_string(doc, 0, "status_message", arena);
	node = json_member(doc, 0, "data");
	if (node != 0 && doc->nodes[node].type != JSON_NULL)
		envelope->data = node;
	return RH_OK;
}
