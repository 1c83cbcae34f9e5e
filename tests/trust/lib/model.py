"""model: the data model of OCPI out of tests/data/ocpi-2.2.1-model.md, and a judge of objects that knows nothing of the
hub's: classes and enumerations from the tables there, forms and rules between fields from the text of the specification."""

import calendar
import json
import re

from partner import TESTS

MODEL = TESTS / "data/ocpi-2.2.1-model.md"

LETTERS3, TIME = r"[A-Za-z]{3}", r"([01][0-9]|2[0-3]):[0-5][0-9]"
FORMS = {("*", "country_code"): r"[!-~]{2}", ("*", "party_id"): r"[!-~]{3}", ("*", "currency"): LETTERS3, ("*", "country"): LETTERS3,
         ("*", "language"): r"[A-Za-z]{2}", ("*", "latitude"): r"-?[0-9]{1,2}\.[0-9]{5,7}", ("*", "longitude"): r"-?[0-9]{1,3}\.[0-9]{5,7}",
         ("RegularHours", "period_begin"): TIME, ("RegularHours", "period_end"): TIME, ("TariffRestrictions", "start_time"): TIME,
         ("TariffRestrictions", "end_time"): TIME, ("Location", "time_zone"): r"[A-Za-z][A-Za-z0-9/_+-]*"}
DATES = {("TariffRestrictions", "start_date"), ("TariffRestrictions", "end_date")}
URL = r'[A-Za-z][A-Za-z0-9]*:[^\x00-\x20"<>\\^`{|}\x7f]+'
CALLABLE = r'[hH][tT][tT][pP][sS]?://[^\x00-\x20"<>\\^`{|}\x7f/?#:@][^\x00-\x20"<>\\^`{|}\x7f]*'
DATETIME = r"[12][0-9]{3}-[01][0-9]-[0-3][0-9][Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?[Zz]?"  # RFC 3339
MOST_INT = 2**63
LONGER = {("CdrLocation", "address"): 255, ("CdrLocation", "state"): 45}  # TRP-32: as in the Location that they are copied from


class Field:
    def __init__(self, name, kind, card):
        self.name, self.card = name, card
        found = re.fullmatch(r"(\w+)(?:\((\d+)\))?", kind)
        self.kind, self.most = (found[1], int(found[2] or 0)) if found else (None, 0)


def tables():
    """{class: [Field]} and {enumeration: values}."""
    classes, enums, part = {}, {}, ""
    for line in MODEL.read_text().splitlines():
        part = line[3:] if line.startswith("## ") else part
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if part == "Classes" and len(cells) == 4 and cells[3] in "1?+*" and cells[3]:
            classes.setdefault(cells[0], []).append(Field(*cells[1:]))
        elif part == "Enumerations" and len(cells) == 2 and "," in cells[1]:
            enums[cells[0]] = cells[1].split(", ")
    return classes, enums


CLASSES, ENUMS = tables()


def is_date(text):
    found = re.fullmatch(r"([12][0-9]{3})-([0-9]{2})-([0-9]{2})", text)
    return bool(found) and 1 <= int(found[2]) <= 12 and 1 <= int(found[3]) <= calendar.monthrange(int(found[1]), int(found[2]))[1]


def is_datetime(text):
    return re.fullmatch(DATETIME, text) is not None and is_date(text[:10])


def is_printable(text):
    return all(ord(one) >= 0x20 and not 0x7f <= ord(one) <= 0x9f and one not in "\u2028\u2029" for one in text)


class Judge:
    """The JSON pointers of what is wrong with an object of a class."""

    def __init__(self):
        self.faults = []

    def wrong(self, pointer):
        self.faults.append(pointer)

    def judge(self, name, value, pointer=""):
        if not isinstance(value, dict):
            return self.wrong(pointer)
        before = len(self.faults)
        for field in CLASSES[name]:
            self.member(name, field, value, pointer)
        self.rules(name, value, pointer, self.faults[before:])
        return self.faults

    def member(self, name, field, value, pointer):
        here = f"{pointer}/{field.name}"
        content = value.get(field.name)
        if field.card in "*+" and content is not None:
            if not isinstance(content, list) or (field.card == "+" and not content):
                return self.wrong(here)
            for number, one in enumerate(content):
                self.one(name, field, one, f"{here}/{number}")
        elif content is not None:
            self.one(name, field, content, here)
        elif field.card in "1+":
            self.wrong(here)

    def one(self, name, field, content, here):
        if field.kind in CLASSES:
            return self.judge(field.kind, content, here)
        if not self.is_sound(name, field, content):
            self.wrong(here)

    def is_sound(self, name, field, content):
        kind, most = field.kind, field.most
        if kind == "boolean":
            return isinstance(content, bool)
        if kind in ("int", "number"):
            number = isinstance(content, (int, float)) and not isinstance(content, bool)
            return number and (kind == "number" or (content == int(content) and 0 <= content < (10 ** most if most else MOST_INT)))
        if not isinstance(content, str):
            return False
        if kind in ENUMS:
            return content in ENUMS[kind]
        return self.is_sound_text(name, field, content)

    def is_sound_text(self, name, field, content):
        if field.kind == "DateTime":
            return is_datetime(content)
        if field.kind == "URL":
            return re.fullmatch(CALLABLE if field.name == "response_url" else URL, content) is not None and len(content) <= 255
        if (name, field.name) in DATES:
            return is_date(content)
        form = FORMS.get((name, field.name)) or FORMS.get(("*", field.name))
        plain = content.isascii() and is_printable(content) if field.kind == "CiString" else is_printable(content)
        most = LONGER.get((name, field.name), field.most)
        return plain and len(content) <= most and (form is None or re.fullmatch(form, content) is not None)

    # ---- rules between fields ----

    def rules(self, name, value, pointer, faults):
        rule = getattr(self, "rules_" + name.lower(), None)
        if rule:
            bad = {fault[len(pointer) + 1:].partition("/")[0] for fault in faults}
            rule({key: one for key, one in value.items() if one not in (None, [])}, pointer, bad)

    def rules_cdr(self, value, here, bad):
        if not bad & {"id", "credit"} and value.get("credit") is not True and len(value.get("id", "")) > 36:
            self.wrong(here + "/id")
        if not bad & {"credit", "credit_reference_id"} and value.get("credit") is True and "credit_reference_id" not in value:
            self.wrong(here + "/credit_reference_id")

    def rules_startsession(self, value, here, bad):
        if not bad & {"connector_id", "evse_uid"} and "connector_id" in value and "evse_uid" not in value:
            self.wrong(here + "/evse_uid")

    def rules_location(self, value, here, bad):
        if not bad & {"publish", "publish_allowed_to"} and value.get("publish") is True and "publish_allowed_to" in value:
            self.wrong(here + "/publish_allowed_to")

    def rules_hours(self, value, here, bad):
        if bad & {"regular_hours", "twentyfourseven"}:
            return
        if ("regular_hours" in value) == (value.get("twentyfourseven") is True):
            self.wrong(here + "/regular_hours")

    def rules_regularhours(self, value, here, bad):
        if not bad & {"period_begin", "period_end"} and value["period_end"] <= value["period_begin"]:
            self.wrong(here + "/period_end")
        if "weekday" not in bad and not 1 <= value["weekday"] <= 7:
            self.wrong(here + "/weekday")

    def rules_publishtokentype(self, value, here, bad):
        if not bad & {"uid", "visual_number", "group_id"} and not value.keys() & {"uid", "visual_number", "group_id"}:
            self.wrong(here)
        for one, other in (("uid", "type"), ("visual_number", "issuer")):
            if not bad & {one, other} and one in value and other not in value:
                self.wrong(f"{here}/{other}")

    def rules_energysource(self, value, here, bad):
        if "percentage" not in bad and not 0 <= value["percentage"] <= 100:
            self.wrong(here + "/percentage")

    def rules_tariffelement(self, value, here, bad):
        """A reservation is paid by FLAT and TIME alone."""
        reservation = isinstance(value.get("restrictions"), dict) and value["restrictions"].get("reservation")
        if bad & {"price_components", "restrictions"} or not reservation:
            return
        for number, one in enumerate(value["price_components"]):
            if one["type"] not in ("FLAT", "TIME"):
                self.wrong(f"{here}/price_components/{number}/type")


def faults(name, text):
    """Pointers of the faults of a document; None: it is no JSON as the hub takes it, and so has no pointers."""
    try:
        return Judge().judge(name, json.loads(text.decode("utf-8"), object_pairs_hook=unique)) or []
    except (ValueError, RecursionError):
        return None


def unique(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member comes twice")
    return dict(pairs)
