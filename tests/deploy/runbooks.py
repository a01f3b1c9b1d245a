#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""runbooks.py PROGRAMS FILE ...: every command of icecore and icelab in these
pages exists with the options, kinds and collectors that they name; each runbook
has all steps, a decision, and what must not come first; links lead somewhere."""
import os
import re
import subprocess
import sys

STEPS = ["Detect", "Triage", "Contain", "Eradicate", "Recover"]
COMMAND = re.compile(r"(icecore|icelab) ([a-z]+)((?: .*)?)$")


def help_of(programs, program, command, cache={}):
    key = (program, command)
    if key not in cache:
        run = subprocess.run([os.path.join(programs, program), command, "--help"],
                             capture_output=True, text=True, check=False)
        text = run.stdout + run.stderr
        assert "usage: %s %s" % key in text, "no such command: %s %s" % key
        cache[key] = text
    return cache[key]


def words_of(text, what):
    """The list after a word of a help text, over its lines."""
    found = re.search(what + r"((?:[a-z_-]+,\s*)+[a-z_-]+)", text)
    assert found, what
    return set(re.split(r",\s*", found[1]))


def check_command(programs, line):
    m = COMMAND.match(line)
    program, command, rest = m[1], m[2], m[3]
    text = help_of(programs, program, command)
    for option in re.findall(r"(?<=\s)(--[a-z-]+|-[a-zA-Z])(?=[\s=]|$)", rest):
        assert re.search(re.escape(option) + r"(?![a-z-])", text), \
            "%s %s has no %s" % (program, command, option)
    for kind in re.findall(r"--kind (\S+)", rest):
        assert kind in words_of(text, "a row for each: "), kind
    for names in re.findall(r"--collect (\S+)", rest):
        known = words_of(text, r"--collect LIST\s+of ")
        assert set(names.split(",")) <= known, names
    if command == "capture":
        for needed in ("--case", "--to", "--recipient"):
            assert needed in rest, line


def main():
    programs, pages = sys.argv[1], sys.argv[2:]
    commands = 0
    for page in pages:
        with open(page, encoding="utf-8") as f:
            text = f.read()
        lines = [l.strip() for l in text.split("\n") if l.startswith("    ")]
        lines += re.findall(r"`((?:icecore|icelab) [a-z]+ -[^`]*)`", text.replace("\n", " "))
        for line in lines:
            line = line.split(" -- ")[-1]
            if COMMAND.match(line):
                check_command(programs, re.sub(r"\s+", " ", line))
                commands += 1
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert os.path.exists(os.path.join(os.path.dirname(page), link)), link
        if "runbooks" in page and not page.endswith("README.md"):
            assert re.findall(r"^## (\w+)$", text, re.M) == STEPS, page
            assert "**Do not first**" in text and "*A person decides*" in text, page
            assert len(text.split("\n")) <= 90, page
    assert commands >= 40, commands
    print("# %d commands in %d pages" % (commands, len(pages)))


if __name__ == "__main__":
    main()
