# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an answer is what the API description says: JSON Schema, as far as openapi.yaml and asyncapi.yaml use it."""
import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"type", "properties", "required", "items", "enum", "minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems",
         "additionalProperties", "$ref", "description", "default", "format", "example", "examples", "title", "pattern", "minLength",
         "maxLength", "const"}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Description:
    """With @p strict, an object has no members but those that are described, if any are."""

    def __init__(self, document, strict=False):
        self.document = document
        self.strict = strict

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def answer(self, method, pattern, status):
        """What is described of an answer, or None."""
        responses = self.document["paths"][pattern][method.lower()]["responses"]
        found = responses.get(str(status)) or responses.get("default")
        return None if found is None else self.resolve(found)

    def parameters(self, method, pattern):
        """The schemas of what is described for a query, by their names."""
        path = self.document["paths"][pattern]
        all_of_it = map(self.resolve, [*path.get("parameters", []), *path[method.lower()].get("parameters", [])])
        return {one["name"]: one["schema"] for one in all_of_it if one["in"] == "query"}

    def faults(self, schema, value, where="answer"):
        """What is wrong with @p value, as texts."""
        schema = self.resolve(schema)
        if "oneOf" in schema:
            tried = [self.faults(one, value, where) for one in schema["oneOf"]]
            return [] if [] in tried else [fault for faults in tried for fault in faults]
        unknown = set(schema) - KNOWN
        if unknown:
            return [f"{where}: this validator does not know {unknown}"]
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if types and not any(self.is_of(kind, value) for kind in types):
            return [f"{where} is no {' or '.join(types)}: {value!r}"]
        found = []
        if "const" in schema and value != schema["const"]:
            found.append(f"{where} is not {schema['const']}: {value!r}")
        if isinstance(value, str) and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            found.append(f"{where} has {len(value)} characters")
        if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
            found.append(f"{where} is not as {schema['pattern']}: {value!r}")
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where} is none of {schema['enum']}: {value!r}")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if value < schema.get("minimum", value) or value > schema.get("maximum", value):
                found.append(f"{where} is out of its range: {value}")
            if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
                found.append(f"{where} is not above {schema['exclusiveMinimum']}: {value}")
        if schema.get("format") == "date-time" and isinstance(value, str) and not DATE_TIME.fullmatch(value):
            found.append(f"{where} is no time in UTC with milliseconds: {value}")
        if isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                found += self.faults(schema["items"], item, f"{where}[{index}]")
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            found += [f"{where} lacks {name}" for name in schema.get("required", []) if name not in value]
            for name, content in value.items():
                if name in properties:
                    found += self.faults(properties[name], content, f"{where}.{name}")
                elif schema.get("additionalProperties", not (self.strict and properties)) is False:
                    found.append(f"{where} has {name}, which is not described")
        return found

    @staticmethod
    def is_of(kind, value):
        if kind in ("integer", "number"):
            return isinstance(value, (int, float) if kind == "number" else int) and not isinstance(value, bool)
        return isinstance(value, TYPES[kind])
