#!/usr/bin/python3
"""Writes inventory/aws/shapes_*.c: what the XML answers of AWS mean, from botocore's service models.

usage: aws_shapes.py [DATA]                    writes the tables
       aws_shapes.py --check [DATA]            says whether they are up to date
       aws_shapes.py --cases VECTORS [DATA]    prints test cases as JSON: shapes, XML, what botocore makes of it

DATA is the folder botocore/data; without it, that of the botocore that is installed.

Names in the result are those that Ansible's camel_dict_to_snake_dict gives to boto3's, so this needs
botocore and ansible-core. Both are read when the tables are made, never by the program.
"""

import base64
import datetime
import glob
import gzip
import json
import os
import re
import sys

import botocore
import botocore.parsers
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from botocore.model import ServiceModel, ShapeResolver
from botocore.utils import parse_timestamp

HERE = os.path.dirname(os.path.abspath(__file__))
ROOM = os.path.join(os.path.dirname(HERE), "inventory", "aws")

# File: service: actions.
WANTED = {
    "ec2": {
        "ec2": """DescribeInstances DescribeInstanceStatus DescribeRegions DescribeAvailabilityZones
            DescribeSecurityGroups DescribeSubnets DescribeRouteTables DescribeNetworkAcls DescribeVpcs
            DescribeInternetGateways DescribeNatGateways DescribeTags DescribeAddresses DescribeImages
            DescribeKeyPairs DescribeLaunchTemplates DescribeLaunchTemplateVersions
            DescribeVpcPeeringConnections GetConsoleOutput DescribeNetworkInterfaces""",
    },
    "other": {
        "sts": "GetCallerIdentity AssumeRole AssumeRoleWithWebIdentity",
        "iam": "ListAccountAliases",
        "autoscaling": "DescribeAutoScalingGroups DescribeAutoScalingInstances",
        "elbv2": """DescribeTargetGroups DescribeTargetHealth DescribeLoadBalancers DescribeListeners
            DescribeTags""",
        "elb": "DescribeLoadBalancers",
        "cloudformation": """DescribeStacks DescribeStackEvents DescribeStackResources
            ListStackResources""",
        "route53": "ListHostedZones ListResourceRecordSets",
    },
}

LEAVES = {
    "string": "text", "character": "text", "blob": "text", "integer": "int", "long": "int",
    "float": "float", "double": "float", "boolean": "bool", "timestamp": "time",
}


def model_load(data, service):
    """The newest model of a service."""
    found = sorted(glob.glob(os.path.join(data, service, "*", "service-2.json*")))
    if not found:
        sys.exit(f"{data}: no model of {service}")
    opened = gzip.open if found[-1].endswith(".gz") else open
    with opened(found[-1], "rt", encoding="utf-8") as file:
        return ServiceModel(json.load(file), service)


def snake(name):
    return next(iter(camel_dict_to_snake_dict({name: 0})))


class Shapes:
    """Shapes of a file, each once: what is equal in meaning is the same shape."""

    def __init__(self):
        self.rows = []  # (name, kind, detail)
        self.known = {}  # the row as text: its index
        self.names = set()
        self.busy = {}  # names of structures being read, for those that hold themselves

    def add(self, name, row):
        key = json.dumps(row)
        if key not in self.known:
            while name in self.names:
                name += "_"
            self.names.add(name)
            self.known[key] = len(self.rows)
            self.rows.append((name, row))
        return self.known[key]

    def leaf(self, kind):
        return self.add(kind, {"kind": kind})

    def read(self, shape, prefix=""):
        if shape.type_name in LEAVES:
            return self.leaf(LEAVES[shape.type_name])
        name = prefix + re.sub(r"\W", "_", snake(shape.name))
        if shape.type_name == "list":
            row = {"kind": "list", "flat": bool(shape.serialization.get("flattened")),
                   "of": self.read(shape.member, prefix)}
            return self.add(name, row)
        if shape.type_name == "map":
            row = {"kind": "map", "flat": bool(shape.serialization.get("flattened")),
                   "key": shape.key.serialization.get("name") or "key",
                   "value": shape.value.serialization.get("name") or "value",
                   "of": self.read(shape.value, prefix)}
            return self.add(name, row)
        return self.structure(shape, name, prefix)

    def structure(self, shape, name, prefix):
        if shape.name in self.busy:
            self.busy[shape.name] = True
            return shape.name
        self.busy[shape.name] = False
        members = []
        for key, member in shape.members.items():
            if member.serialization.get("location") or member.serialization.get("xmlAttribute"):
                continue
            members.append((element_of(key, member), snake(key), self.read(member, prefix)))
        members.sort()
        is_recursive = self.busy.pop(shape.name)
        index = self.add(name, {"kind": "struct", "members": members})
        if is_recursive:
            self.close_circle(shape.name, index)
        return index

    def close_circle(self, name, index):
        for _, row in self.rows:
            if row.get("of") == name:
                row["of"] = index
            row["members"] = [(e, n, index if s == name else s)
                              for e, n, s in row.get("members", [])]


def element_of(key, member):
    if member.type_name == "list" and member.serialization.get("flattened"):
        item = member.member.serialization.get("name")
        if item:
            return item
    return member.serialization.get("name") or key


# ---- the tables ----

MACROS = {"text": "TEXT", "int": "INT", "float": "FLOAT", "bool": "BOOL", "time": "TIME"}


def member_text(shapes, member):
    element, name, of = member
    row_name, row = shapes.rows[of]
    if row["kind"] in MACROS:
        return f'{MACROS[row["kind"]]}("{element}", "{name}")'
    if row["kind"] == "struct" and not row["members"]:
        return f'OF("{element}", "{name}", shape_empty)'
    return f'OF("{element}", "{name}", {row_name})'


def reference(shapes, index):
    name, row = shapes.rows[index]
    if row["kind"] == "struct" and not row["members"]:
        return "shape_empty"
    return f"shape_{name}" if row["kind"] in MACROS else name


def row_text(shapes, name, row):
    if row["kind"] in MACROS or row["kind"] == "struct" and not row["members"]:
        return []
    flat = ", .is_flat = true" if row.get("flat") else ""
    if row["kind"] == "list":
        return [f'LIST({name}, {reference(shapes, row["of"])}{flat})']
    if row["kind"] == "map":
        return [f'MAP({name}, "{row["key"]}", "{row["value"]}", '
                f'{reference(shapes, row["of"])}{flat})']
    lines, line = [], "\t"
    for piece in [member_text(shapes, member) + ", " for member in row["members"]]:
        if len(line.expandtabs(8) + piece) > 100 and line != "\t":
            lines.append(line.rstrip())
            line = "\t"
        line += piece
        if len(line.expandtabs(8)) > 100:
            front, back = line.rsplit(", ", 2)[0], line.rsplit(", ", 2)[1]
            lines.append(front + ",")
            line = "\t\t" + back + ", "
    return [f"MEMBERS({name})", *lines, line + "END", f"SHAPE({name})"]


HEAD = """/*
 * Written by scripts/aws_shapes.py from botocore's service models; do not edit. Element and result
 * names, and what they hold.
 */
#include "inventory/aws/shapes.h"

/* clang-format off */
"""


def table_write(data, file, services):
    shapes, actions = Shapes(), []
    for service, names in services.items():
        model = model_load(data, service)
        for action in names.split():
            output = model.operation_model(action).output_shape
            prefix = "" if file == service else f"{service}_"
            index = shapes.read(output, prefix)
            actions.append(f'\t{{ "{service}", "{action}", &{reference(shapes, index)} }},')
    lines = [HEAD]
    for name, row in shapes.rows:
        lines += row_text(shapes, name, row)
    lines += ["", f"const struct shape_action shapes_{file}[] = {{", *actions,
              "\t{ NULL, NULL, NULL },", "};", ""]
    return "\n".join(lines)


def tables(data, is_check):
    stale = False
    for file, services in WANTED.items():
        path = os.path.join(ROOM, f"shapes_{file}.c")
        text = table_write(data, file, services)
        if not is_check:
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            continue
        with open(path, encoding="utf-8") as present:
            if present.read() != text:
                print(f"{path}: not what the models say")
                stale = True
    return stale


# ---- test cases ----

def plain(value, shape):
    """As Ansible shows it: snake case names, times as isoformat()."""
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [plain(item, shape.member) for item in value]
    if isinstance(value, dict) and shape.type_name == "map":
        return {key: plain(item, shape.value) for key, item in value.items()}
    if isinstance(value, dict):
        return {snake(key): plain(item, shape.members[key]) for key, item in value.items()
                if key in shape.members
                and not shape.members[key].serialization.get("location")
                and not shape.members[key].serialization.get("xmlAttribute")}
    return value


def time_or_text(text):
    """What is no time stays as it is: some vectors have YYYY-MM-DD."""
    try:
        return parse_timestamp(text)
    except ValueError:
        return text


def parsed_by_botocore(protocol, body, shape, **parts):
    factory = botocore.parsers.ResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=time_or_text)
    parser = factory.create_parser(protocol)
    answer = {"body": body, "headers": parts.get("headers", {}),
              "status_code": parts.get("status", 200)}
    return parser.parse(answer, shape)


def case_service(data, shapes, path):
    """One of xml/SERVICE-action-name.xml, beside its JSON."""
    name = os.path.basename(path)[:-4]
    service, _, action = name.partition("-")
    model = model_load(data, service)
    found = [one for one in model.operation_names
             if one.lower() == action.replace("-", "").lower()]
    if not found:
        return {"name": name, "skip": "an action that botocore's model does not have any more"}
    with open(path, "rb") as file:
        body = file.read()
    with open(path[:-4] + ".json", encoding="utf-8") as file:
        stated = json.load(file)
    output = model.operation_model(found[0]).output_shape
    if output is None:
        return {"name": name, "skip": "an action without output"}
    parsed = parsed_by_botocore(model.metadata["protocol"], body, output)
    if without_times(parsed, output) != without_times(stated, output):
        return {"name": name, "skip": "botocore's model reads it otherwise than its vector says"}
    return {"name": name, "service": service, "action": found[0], "shape": shapes.read(output),
            "xml": body.decode(), "expected": plain(parsed, output)}


def without_times(value, shape):
    """What the vectors state of an answer: times are texts there, as in the XML."""
    if shape.type_name == "timestamp":
        return "a time"
    if isinstance(value, str) and value.startswith("{"):
        return json.loads(value)  # boto3 reads a template of CloudFormation
    if isinstance(value, list):
        return [without_times(item, shape.member) for item in value]
    if isinstance(value, dict) and shape.type_name == "structure":
        return {key: without_times(item, shape.members[key]) for key, item in value.items()
                if key in shape.members}
    return value


def cases_protocol(path):
    """One suite of protocols/: models and answers of its own, shapes of its own."""
    with open(path, encoding="utf-8") as file:
        suites = json.load(file)
    for suite in suites:
        resolver = ShapeResolver(suite["shapes"])
        for case in suite["cases"]:
            answer, given = case["response"], case["given"]
            if not answer.get("body"):
                continue
            row = {"name": os.path.basename(path)[7:-5] + " " + case["id"], "xml": answer["body"]}
            if answer["status_code"] >= 300:
                parsed = parsed_by_botocore(suite["metadata"]["protocol"], answer["body"].encode(),
                                            None, status=answer["status_code"])
                row["fault"] = parsed["Error"]["Code"]
                row["message"] = parsed["Error"].get("Message")
                yield row, None
                continue
            output = resolver.get_shape_by_name(**reference_of(given, suite["metadata"])) \
                if "output" in given else None
            if output is None:
                continue
            parsed = parsed_by_botocore(suite["metadata"]["protocol"], answer["body"].encode(),
                                        output, headers=answer.get("headers", {}),
                                        status=answer["status_code"])
            row["expected"] = plain(parsed, output)
            if re.search("NaN|Infinity", json.dumps(row["expected"])):
                row = {"name": row["name"], "skip": "numbers that JSON does not have"}
            yield row, output


def reference_of(given, metadata):
    traits = dict(given["output"])
    name = traits.pop("shape")
    if metadata["protocol"] == "query":
        traits.setdefault("resultWrapper", given["name"] + "Result")
    return {"shape_name": name, "member_traits": traits or None}


def cases(data, vectors):
    os.environ["TZ"] = "UTC"
    out = []
    for path in sorted(glob.glob(os.path.join(vectors, "xml", "*.xml"))):
        if os.path.basename(path).startswith("error-"):
            with open(path, encoding="utf-8") as xml, \
                    open(path[:-4] + ".json", encoding="utf-8") as stated:
                error = json.load(stated)
                out.append({"name": os.path.basename(path)[:-4], "xml": xml.read(),
                            "fault": error["Error"]["Code"],
                            "message": error["Error"]["Message"],
                            "request_id": error["ResponseMetadata"]["RequestId"]})
            continue
        shapes = Shapes()
        row = case_service(data, shapes, path)
        row["shapes"] = [each for _, each in shapes.rows]
        out.append(row)
    for name in ("output-ec2", "output-query"):
        for row, output in cases_protocol(os.path.join(vectors, "protocols", name + ".json")):
            shapes = Shapes()
            if output is not None:
                row["shape"] = shapes.read(output)
            row["shapes"] = [each for _, each in shapes.rows]
            out.append(row)
    json.dump(out, sys.stdout)


def main(arguments):
    words = iter(arguments)
    data = os.path.join(os.path.dirname(botocore.__file__), "data")
    verb = vectors = None
    for word in words:
        if word in ("--check", "--cases"):
            verb = word
            vectors = next(words, None) if word == "--cases" else None
        elif os.path.isdir(word):
            data = word
        else:
            sys.exit(__doc__)
    if verb == "--cases":
        cases(data, vectors or sys.exit(__doc__))
        return 0
    return 1 if tables(data, verb == "--check") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
