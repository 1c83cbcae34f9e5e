"""Answers of the admin API and of roamhubctl --json against the OpenAPI document of the hub that gave them: a name that it does
not know, or another type, is a fault. What stands in it of JSON Schema is little, and that is understood here."""
import json
import os
import re

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
SEEN = os.environ.get("NAMES_SEEN")  # a folder
PLAIN = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "null": lambda value: value is None,
}


class Document:
    def __init__(self, text):
        self.whole = json.loads(text)
        self.shapes = self.whole["components"]["schemas"]

    def faults(self, schema, value, at=""):
        """What is wrong, each with its JSON Pointer."""
        if "$ref" in schema:
            shape = schema["$ref"].rpartition("/")[2]
            found = self.faults(self.shapes[shape], value, at)
            if SEEN and not found and isinstance(value, dict):
                self.note(shape, value)
            return found
        if "anyOf" in schema:
            found = [self.faults(one, value, at) for one in schema["anyOf"]]
            return min(found, key=len) if all(found) else []
        kind = schema.get("type")
        if kind == "array":
            return self.of_list(schema, value, at)
        if kind == "object":
            return self.of_object(schema, value, at)
        if kind is not None and not PLAIN[kind](value):
            return [f"{at or '/'}: expected {kind}, got {json.dumps(value)[:60]}"]
        if schema.get("format") == "date-time" and not TIME.match(value):
            return [f"{at or '/'}: expected a time in UTC, got {value}"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{at or '/'}: expected one of {', '.join(schema['enum'])}, got {value}"]
        return []

    @staticmethod
    def note(shape, value):
        """For seen.py: which of its names an answer had."""
        with open(os.path.join(SEEN, f"{os.getpid()}"), "a") as out:
            out.write(" ".join([shape, *sorted(value)]) + "\n")

    def of_list(self, schema, value, at):
        if not isinstance(value, list):
            return [f"{at or '/'}: expected a list, got {json.dumps(value)[:60]}"]
        return [fault for i, one in enumerate(value) for fault in self.faults(schema["items"], one, f"{at}/{i}")]

    def of_object(self, schema, value, at):
        if not isinstance(value, dict):
            return [f"{at or '/'}: expected an object, got {json.dumps(value)[:60]}"]
        # the document leaves shapes open, so that clients go on when there are more names; here they are not
        known, others = schema.get("properties", {}), schema.get("additionalProperties", "properties" not in schema)
        found = [f"{at}/{name}: is missing" for name in schema.get("required", []) if name not in value]
        for name, one in value.items():
            if name in known:
                found += self.faults(known[name], one, f"{at}/{name}")
            elif others is False:
                found.append(f"{at}/{name}: no such name")
            elif isinstance(others, dict):
                found += self.faults(others, one, f"{at}/{name}")
        return found

    # ---- which answer it is ----

    def operations(self):
        yield from operations_of(self.whole)

    def portal_operations(self):
        yield from operations_of(self.whole["x-portal"])

    def bodies(self):
        """Names of the shapes that are taken, and not answered."""
        text = json.dumps([operation["requestBody"] for _, _, operation in [*self.operations(), *self.portal_operations()] if "requestBody" in operation])
        return set(re.findall(r'"#/components/schemas/(\w+)"', text))

    def of_request(self, method, target):
        """The operation that @target is of; None: there is none."""
        path, best = target.partition("?")[0], None
        for at_method, at_path, operation in self.portal_operations() if path.startswith("/portal/v1") else self.operations():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(at_path))
            if at_method == method and re.fullmatch(pattern, path) and (best is None or "{" not in at_path):
                best = operation
        return best

    def of_words(self, words):
        """Schema of what the command, with its options anywhere, prints; None: it is unknown here."""
        said = " ".join(word for word in words if not word.startswith("--"))
        best, schema = "", None
        for _, _, operation in self.operations():
            for name in operation.get("x-roamhubctl", []):
                if f"{said} ".startswith(f"{name} ") and len(name) > len(best):
                    best, schema = name, answer_schema(operation)
        for name, own in self.whole.get("x-roamhubctl", {}).items():
            if f"{said} ".startswith(f"{name} ") and len(name) > len(best):
                best, schema = name, named(own["prints"])
        return schema

    def check_request(self, method, target, status, text):
        """Faults of an answer to a request to the API, or to the portal."""
        operation = self.of_request(method, target)
        if operation is None or not target.startswith(("/admin/v1", "/portal/v1", "/readyz")):
            return []
        response = operation["responses"].get(str(status))
        if response is None and status < 400:
            return [f"{status}: no such status"]
        schema = json_schema(response or operation["responses"]["default"])
        return [] if schema is None else self.faults(schema, json.loads(text))

    def told(self):
        """Schemas of what is told as it happens, by the type of the event; "*" is any other."""
        return self.of_request("GET", "/admin/v1/events")["responses"]["200"]["content"]["text/event-stream"]["schema"]["x-events"]

    def check_told(self, kind, text):
        """Faults of an event of the stream."""
        told = self.told()
        return self.faults(told.get(kind, told["*"]), json.loads(text))

    def check_line(self, text):
        """Faults of a line that tail prints: the data of an event, which does not tell its type."""
        return self.check_told("message" if "type" not in json.loads(text) else "*", text)


def operations_of(tree):
    for path, methods in tree["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def json_schema(response):
    return response["content"].get("application/json", {}).get("schema")


def answer_schema(operation):
    """Of what is answered when it is done."""
    return json_schema(next(response for status, response in operation["responses"].items() if status != "default"))


def named(text):
    if text.startswith("["):
        return {"type": "array", "items": named(text[1:-1])}
    return {"$ref": f"#/components/schemas/{text}"}


def check_folder(document, folder):
    """Faults of what commands printed: NAME.words beside NAME."""
    found, count = [], 0
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".words"):
            continue
        with open(os.path.join(folder, name)) as file:
            words = file.read().split("\n")
        with open(os.path.join(folder, name[: -len(".words")])) as file:
            text = file.read()
        schema = document.of_words(words)
        if schema is None or not text.strip():
            continue
        count += 1
        found += [f"roamhubctl {' '.join(words).strip()}: {fault}" for fault in document.faults(schema, json.loads(text))]
    return found, count
