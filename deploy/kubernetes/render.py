#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""render.py [--set NAME=VALUE ...] [--namespace NAME]: what `helm template` makes
of chart/, on stdout, for who has no helm; icecore.yaml is it by default values.

It knows what this chart uses of helm's templates, and refuses the rest: values
by path, if/else/end, range over a list, quote, toYaml, nindent."""
import argparse
import os
import re
import sys

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
CHART = os.path.join(HERE, "chart")
ACTION = re.compile(r"(\s*)\{\{(-?)\s*(.*?)\s*(-?)\}\}(\s*)", re.S)


def parse(text):
    """A flat list of text and actions, white space trimmed as {{- says."""
    parts, at = [], 0
    for m in ACTION.finditer(text):
        parts.append(("text", text[at:m.start()] + ("" if m[2] else m[1])))
        parts.append(("action", m[3]))
        at = m.end() if m[4] else m.start(5)
    parts.append(("text", text[at:]))
    return parts


def tree(parts, at=0, inside=False):
    """Nested: [text | (action, body, otherwise)]."""
    nodes, otherwise, current = [], [], None
    current = nodes
    while at < len(parts):
        kind, value = parts[at]
        at += 1
        if kind == "text":
            current.append(value)
        elif value.split()[0] in ("if", "range"):
            body, other, at = tree(parts, at, True)
            current.append((value, body, other))
        elif value == "else":
            current = otherwise
        elif value == "end":
            if not inside:
                raise ValueError("an end too many")
            return nodes, otherwise, at
        else:
            current.append((value, None, None))
    if inside:
        raise ValueError("an end is missing")
    return nodes, otherwise, at


def look_up(path, scope, dot):
    if path == ".":
        return dot
    if not re.fullmatch(r"(\.[A-Za-z]+)+", path):
        raise ValueError("not known here: " + path)
    value = scope
    for name in path[1:].split("."):
        value = value[name]
    return value


def evaluate(text, scope, dot):
    words = [w.split() for w in text.split("|")]
    first = words.pop(0)
    if first[0] == "toYaml" and len(first) == 2:
        value = yaml.safe_dump(look_up(first[1], scope, dot), sort_keys=False).rstrip()
    elif len(first) == 1:
        value = look_up(first[0], scope, dot)
    else:
        raise ValueError("not known here: " + text)
    for word in words:
        if word == ["quote"]:
            value = '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"')
        elif word[0] == "nindent" and len(word) == 2:
            pad = "\n" + " " * int(word[1])
            value = pad + pad.join(str(value).split("\n"))
        else:
            raise ValueError("not known here: " + text)
    return value


def run(nodes, scope, dot=None):
    out = []
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
            continue
        action, body, otherwise = node
        words = action.split()
        if body is None:
            out.append(str(evaluate(action, scope, dot)))
        elif words[0] == "if":
            hit = evaluate(" ".join(words[1:]), scope, dot)
            out.append(run(body if hit else otherwise, scope, dot))
        else:
            for item in evaluate(" ".join(words[1:]), scope, dot):
                out.append(run(body, scope, item))
    return "".join(out)


def render(sets=(), namespace="icecore-system"):
    def load(name):
        with open(os.path.join(CHART, name), encoding="utf-8") as f:
            return yaml.safe_load(f)

    chart, values = load("Chart.yaml"), load("values.yaml")
    for item in sets:
        path, value = item.split("=", 1)
        *way, last = path.split(".")
        at = values
        for name in way:
            at = at[name]
        if last not in at:
            raise KeyError(path)
        at[last] = yaml.safe_load(value)
    scope = {"Values": values, "Release": {"Name": "icecore", "Namespace": namespace},
             "Chart": {"AppVersion": chart["appVersion"]}}
    out = []
    folder = os.path.join(CHART, "templates")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            text = run(tree(parse(f.read()))[0], scope).strip("\n")
        if text.strip():
            out.append("---\n# %s\n%s\n" % (name, text))
    return "".join(out)


NAMESPACE = """# Made by render.py of chart/; do not edit.
apiVersion: v1
kind: Namespace
metadata:
  name: %s
  labels:
    # hostPID and hostNetwork.
    pod-security.kubernetes.io/enforce: privileged
"""


def main():
    p = argparse.ArgumentParser(description="what helm template makes of the chart")
    p.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    p.add_argument("--namespace", default="icecore-system")
    args = p.parse_args()
    sys.stdout.write(NAMESPACE % args.namespace + render(args.set, args.namespace))


if __name__ == "__main__":
    main()
