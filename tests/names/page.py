#!/usr/bin/env python3
"""docs/json.md is made of the OpenAPI document that a hub gives: which command asks for what, and each name with its type.
usage: page.py ROAMHUBD ROAMHUBCTL PAGE [--write]    without --write a page that is another is a fault"""
import sys

from hub import Hub
from names import answer_schema

HEAD = """# Names: the admin API and `roamhubctl --json`

Made by `tests/names/page.py --write` of what the hub itself tells: `GET /admin/v1/openapi.json`, or `roamhubctl openapi`, an OpenAPI 3.1 document with the command
of each operation. The tests hold every answer that a scenario prints against it; a name that is not here fails ([adr/0038](adr/0038-names-are-a-table.md)).

Rules:

- A thing has one name, and that name has one unit. What a number counts stands in it (`_us`, `_ms`, `_s`, `days`, `bytes`), unless it is a count or a number of something.
- A moment is RFC 3339 in UTC with milliseconds: `2026-11-23T08:00:00.000Z`. No moment is a number.
- `platform` is the number of a platform, `name` what it is called. What refers to something is named after it; `id` is the thing's own.
- `status` is how something is, in one word. `reason` is why it is so, `why` what went wrong, `error` why a request was refused, `detail` what was seen.
- A list has a plural, a count of it ends in `_count` where both could be meant.
- `null`, where the table says so, or an absent name, says that there is none.

The version of the API (`api_version` of `status`, `info.version` of the document) is `VERSION`. Its first number is another when a name, a type or a unit is another or gone; names
may come with its second. Two documents have a format and a version of their own: an export (`roamhub-export`) and the evidence of a CDR (`roamhub-evidence`).

## Requests

What is taken is a body, or a query where a `?` stands before it; a `?` behind a name says that it may be left out. An answer has the shape of the last column, `[shape]` is a
list of them; refusals are `{"error"}`, a reload that is refused has `config_faults`, too.

| method | path | roamhubctl | meaning | takes | answer |
| --- | --- | --- | --- | --- | --- |
"""

PORTAL = """

## Requests to the portal

On its own listener, for who came by a link: a cookie says who it is, and `X-CSRF-Token` what `csrf` of `login` says when something is changed.

| method | path | meaning | takes | answer |
| --- | --- | --- | --- | --- |
"""

STREAM = """

## What is told as it happens

`GET /admin/v1/events` with `Accept: text/event-stream`, and `roamhubctl tail`:

| event | data |
| --- | --- |
"""

NAMES = """

## Names

A `?` behind a shape says that the name may be absent there; without it the name is always written.

| name | type, unit | in | meaning |
| --- | --- | --- | --- |
"""

TAKEN = """

## Names of what is taken

| name | type, unit | meaning |
| --- | --- | --- |
"""


def type_text(schema):
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        *rest, last = schema["anyOf"]
        if last.get("type") == "null":
            return " or ".join(type_text(one) for one in rest) + " or null"
        return " or ".join(type_text(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{type_text(schema['items'])}]"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return "{KEY: " + type_text(inner) + "}" if isinstance(inner, dict) else "object"
    if "enum" in schema:
        return ", ".join(schema["enum"])
    if "examples" in schema:
        return "time or day"
    if schema.get("format") == "date-time":
        return "time"
    kind = schema.get("type", "any")
    return f"{kind}, {schema['x-unit']}" if "x-unit" in schema else kind


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def taken(document, operation):
    """Of the query, or of each body that is good: (name, has to be said, schema, meaning) of all its names."""
    query = [(one["name"], one["required"], one["schema"], one["description"]) for one in operation.get("parameters", []) if one["in"] == "query"]
    if query:
        yield query
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    for one in schema.get("anyOf", [schema]):
        shape = document.shapes[one["$ref"].rpartition("/")[2]] if "$ref" in one else {}
        yield [(name, name in shape.get("required", []), field, field["description"]) for name, field in shape.get("properties", {}).items()]


def takes_text(document, operation):
    """`name parties?` of a body, `? limit?` of a query."""
    texts = [" ".join(name if required else f"{name}?" for name, required, _, _ in names) for names in taken(document, operation)]
    if "requestBody" in operation:
        return " or ".join(f"`{text or 'KEY'}`" for text in texts)
    return f"`? {texts[0]}`" if texts[0] else "–"


def answer_text(operation):
    schema = answer_schema(operation)
    return cell(type_text(schema)) if schema is not None else "–"


def request_rows(document):
    for method, path, operation in document.operations():
        words = ", ".join(f"`{words}`" for words in operation.get("x-roamhubctl", []))
        yield f"| {method} | `{path}` | {words} | {cell(operation['summary'])} | {takes_text(document, operation)} | {answer_text(operation)} |"
    for words, own in document.whole["x-roamhubctl"].items():
        yield f"| – | – | `{words}` | what it prints with `--json` | – | {own['prints']} |"


def portal_rows(document):
    for method, path, operation in document.portal_operations():
        yield f"| {method} | `{path}` | {cell(operation['summary'])} | {takes_text(document, operation)} | {answer_text(operation)} |"


def stream_rows(document):
    for kind, schema in document.told().items():
        yield f"| {'any other' if kind == '*' else f'`{kind}`'} | {type_text(schema)} |"


def field_rows(document):
    fields = {}
    for shape, schema in document.shapes.items():
        if shape in document.bodies():
            continue
        for name, field in schema.get("properties", {}).items():
            where = shape if name in schema.get("required", []) else f"{shape}?"
            fields.setdefault((name, type_text(field), field.get("description", "")), []).append(where)
    for (name, kind, meaning), shapes in sorted(fields.items()):
        yield f"| `{name}` | {cell(kind)} | {', '.join(sorted(shapes))} | {cell(meaning)} |"


def taken_rows(document):
    operations = [*document.operations(), *document.portal_operations()]
    rows = {(name, type_text(schema), meaning) for _, _, operation in operations for names in taken(document, operation) for name, _, schema, meaning in names}
    for name, kind, meaning in sorted(rows):
        yield f"| `{name}` | {cell(kind)} | {cell(meaning)} |"


def page_of(document):
    text = HEAD.replace("VERSION", document.whole["info"]["version"])
    text += "\n".join(request_rows(document))
    for head, rows in ((PORTAL, portal_rows), (STREAM, stream_rows), (NAMES, field_rows), (TAKEN, taken_rows)):
        text += head + "\n".join(rows(document))
    return text + "\n"


def main():
    roamhubd, roamhubctl, page = sys.argv[1:4]
    with Hub(roamhubd, roamhubctl) as hub:
        text = page_of(hub.document())
    if "--write" in sys.argv:
        with open(page, "w") as out:
            out.write(text)
        return 0
    with open(page) as file:
        if file.read() == text:
            return 0
    print(f"{page} is not what the hub tells: tests/names/page.py ROAMHUBD ROAMHUBCTL {page} --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
