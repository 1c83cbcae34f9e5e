#!/usr/bin/env python3
"""docs/json.md is made of the OpenAPI document that a hub gives: which command asks for what, and each name with its type.
usage: page.py ROAMHUBD ROAMHUBCTL PAGE [--write]    without --write a page that is another is a fault"""
import sys

from hub import Hub

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

`2XX` answers have the shape of the last column, `[shape]` is a list of them; refusals are `{"error"}`, a reload that is refused has `config_faults`, too. `{...}` at the beginning of a
meaning is the body, `?...` the query.

| method | path | roamhubctl | meaning | answer |
| --- | --- | --- | --- | --- |
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
    if schema.get("format") == "date-time":
        return "time"
    kind = schema.get("type", "any")
    return f"{kind}, {schema['x-unit']}" if "x-unit" in schema else kind


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def request_rows(document):
    for method, path, operation in document.operations():
        schema = operation["responses"]["2XX"].get("content", {}).get("application/json", {}).get("schema")
        words = ", ".join(f"`{words}`" for words in operation.get("x-roamhubctl", []))
        yield f"| {method} | `{path}` | {words} | {cell(operation['summary'])} | {cell(type_text(schema)) if schema is not None else '–'} |"
    for words, own in document.whole["x-roamhubctl"].items():
        yield f"| – | – | `{words}` | what it prints with `--json` | {own['prints']} |"


def field_rows(document):
    fields = {}
    for shape, schema in document.shapes.items():
        for name, field in schema.get("properties", {}).items():
            fields.setdefault((name, type_text(field), field.get("description", "")), []).append(shape)
    for (name, kind, meaning), shapes in sorted(fields.items()):
        yield f"| `{name}` | {cell(kind)} | {', '.join(sorted(shapes))} | {cell(meaning)} |"


def page_of(document):
    text = HEAD.replace("VERSION", document.whole["info"]["version"])
    text += "\n".join(request_rows(document))
    text += "\n\n## Names\n\n| name | type, unit | in | meaning |\n| --- | --- | --- | --- |\n"
    return text + "\n".join(field_rows(document)) + "\n"


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
