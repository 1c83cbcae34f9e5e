"""Answers of the admin API and of roamhubctl --json against the OpenAPI document of the hub that gave them: a name that it does
not know, or another type, is a fault. What stands in it of JSON Schema is little, and that is understood here."""
import json
import os
import re

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
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
            return self.faults(self.shapes[schema["$ref"].rpartition("/")[2]], value, at)
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
        return []

    def of_list(self, schema, value, at):
        if not isinstance(value, list):
            return [f"{at or '/'}: expected a list, got {json.dumps(value)[:60]}"]
        return [fault for i, one in enumerate(value) for fault in self.faults(schema["items"], one, f"{at}/{i}")]

    def of_object(self, schema, value, at):
        if not isinstance(value, dict):
            return [f"{at or '/'}: expected an object, got {json.dumps(value)[:60]}"]
        known, others, found = schema.get("properties", {}), schema.get("additionalProperties", True), []
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
        for path, methods in self.whole["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def of_request(self, method, target):
        """The operation that @target is of; None: there is none."""
        path, best = target.partition("?")[0], None
        for at_method, at_path, operation in self.operations():
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
        """Faults of an answer to a request to the API."""
        operation = self.of_request(method, target)
        if operation is None or not target.startswith("/admin/v1"):
            return []
        schema = answer_schema(operation) if status < 400 else operation["responses"]["default"]["content"]["application/json"]["schema"]
        return [] if schema is None else self.faults(schema, json.loads(text))


def answer_schema(operation):
    return operation["responses"]["2XX"].get("content", {}).get("application/json", {}).get("schema")


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
