"""objects: random valid objects, made by roamhub-sim out of the class tables, and written as no two serialisers would."""

import json
import subprocess

from partner import rig

BLANKS = ("", "", "", " ", "\n", "\t", "  ", "\r\n")
STRANGE = ('{"a":[1E5,-0.0,1e-7,12345678901234567890.10],"b":null}', '"\\ud83d\\ude97 \\u0041\\/\\b\\f"', "[]", "{}",
           "123456789012345678901234567890", "-0", "1.0", "true", '"\u00e9\u6f22\U0001f697"', '[[[[{"deep":[{}]}]]]]', "1e3", '""')


class Number(str):
    """A number as it was spelt."""


def generate(name, seed, count, spelt=True):
    """@count objects of a class, with their numbers as they were spelt, or as numbers."""
    made = subprocess.run([rig.BUILD / "roamhub-sim", "generate", name, "--seed", str(seed % 2**31), "--count", str(count)],
                          capture_output=True, text=True, check=True).stdout
    how = {"parse_float": Number, "parse_int": Number} if spelt else {}
    return [json.loads(line, **how) for line in made.splitlines()]


class Speller:
    """Writes documents with blanks, escapes, orders, spellings of numbers and unknown members as chance has it."""

    def __init__(self, chance):
        self.chance = chance

    def blank(self):
        return self.chance.choice(BLANKS)

    def text(self, value):
        if self.chance.random() < 0.5:
            return json.dumps(value, ensure_ascii=self.chance.random() < 0.5)
        return '"' + "".join(self.character(one) for one in value) + '"'

    def character(self, one):
        if self.chance.random() < 0.1 and ord(one) < 0x10000:
            return f"\\u{ord(one):04{self.chance.choice('xX')}}"
        if one == "/" and self.chance.random() < 0.5:
            return "\\/"
        return json.dumps(one, ensure_ascii=False)[1:-1]

    def number(self, value):
        text = str(value)
        if "." in text and len(text) < 12 and self.chance.random() < 0.4:
            text += "0" * self.chance.randint(1, 3)
        return text

    def members(self, value):
        pairs = [(name, self.spell(one)) for name, one in value.items()]
        for number in range(self.chance.choice((0, 0, 0, 1, 2))):
            pairs.append((f"x_{number}", self.chance.choice(STRANGE)))
        if self.chance.random() < 0.5:
            self.chance.shuffle(pairs)
        return pairs

    def spell(self, value):
        """The JSON text of a value."""
        if isinstance(value, Number):
            return self.number(value)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            parts = [f"{self.blank()}{json.dumps(name)}{self.blank()}:{self.blank()}{text}{self.blank()}"
                     for name, text in self.members(value)]
            return "{" + ",".join(parts) + self.blank() + "}"
        if isinstance(value, list):
            return "[" + ",".join(self.blank() + self.spell(one) + self.blank() for one in value) + "]"
        return json.dumps(value)


def spans(text):
    """{name: raw text of its value} of the members of an object, and [raw text] of the elements of a list, as they stand."""
    decoder = json.JSONDecoder()
    at = skip(text, 0)
    named, listed = text[at] == "{", []
    at = skip(text, at + 1)
    found = {}
    while text[at] not in "}]":
        if named:
            name, at = decoder.raw_decode(text, at)
            at = skip(text, skip(text, at) + 1)
        _, end = decoder.raw_decode(text, at)
        if named:
            found[name] = text[at:end]
        else:
            listed.append(text[at:end])
        at = skip(text, end)
        if text[at] == ",":
            at = skip(text, at + 1)
    return found if named else listed


def skip(text, at):
    while text[at] in " \t\r\n":
        at += 1
    return at
