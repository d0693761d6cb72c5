#!/usr/bin/env python3
"""Writes tree/: each place where Ansible lets a variable be set, sets many of them.

For each pair of places A < B there is a variable vA_B that is set in these two only; sB is set in B and every place
before it; rA is set in A and registered. The places' numbers are those of "Understanding variable precedence" in
Ansible's documentation; 3 stands there for two (the group all, other groups). The value is the place's name, so what
is printed says who won. Run by hand: generate.py, then run.sh BUILD renew.
"""
import os
import shutil

PLACES = ("2 3a 3g 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22").split()
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tree")


def variables(place):
    at = PLACES.index(place)
    for i, other in enumerate(PLACES):
        if i != at:
            yield "v%s_%s" % ((place, other) if at < i else (other, place))
    yield from ("s" + other for other in PLACES[at:])
    if place != "19":
        yield "r" + place


def lines(place, indent=""):
    return "".join('%s%s: "%s"\n' % (indent, name, place) for name in variables(place))


def ini(place):
    return "".join('%s="%s"\n' % (name, place) for name in variables(place))


def write(path, text):
    path = os.path.join(HERE, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as out:
        out.write(text)


def shown(name):
    return "{{ %s | default('-') }}" % name


def show(title, indent, extra=""):
    """A task that prints who wins each pair: a row for each place, a column for each later one."""
    text = '- name: "%s"\n  debug:\n    msg:\n' % title
    for i, place in enumerate(PLACES[:-1]):
        cells = " ".join(shown("v%s_%s" % (place, other)) for other in PLACES[i + 1:])
        text += '      - "%s: %s"\n' % (place, cells)
    text += '      - "all up to: %s"\n' % " ".join(shown("s" + place) for place in PLACES)
    text += '      - "registered: %s"\n' % " ".join(
        "{{ '-' if r%s is undefined else 'is' if r%s is mapping else r%s }}" % (p, p, p)
        for p in PLACES if p != "19")
    text += extra
    return "".join(indent + line + "\n" for line in text.splitlines())


def task_vars(place="17"):
    return "  vars:\n" + lines(place, "    ")


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    write("inventory/hosts", "[g]\nh ansible_connection=local %s\n[all:vars]\n%s[g:vars]\n%s" % (
        " ".join('%s="%s"' % (name, "8") for name in variables("8")), ini("3a"), ini("3g")))
    write("inventory/group_vars/all.yml", lines("4"))
    write("group_vars/all.yml", lines("5"))
    write("inventory/group_vars/g.yml", lines("6"))
    write("group_vars/g.yml", lines("7"))
    write("inventory/host_vars/h.yml", lines("9"))
    write("host_vars/h.yml", lines("10"))
    write("facts.yml", "- hosts: h\n  gather_facts: no\n  tasks:\n    - set_fact:\n        cacheable: yes\n"
          + lines("11", "        "))
    write("file.yml", lines("14"))
    write("included.yml", lines("18"))
    write("extra.yml", lines("22"))

    for role in "entry", "included", "imported":
        write("roles/%s/defaults/main.yml" % role, lines("2"))
        write("roles/%s/vars/main.yml" % role, lines("15"))
        write("roles/%s/handlers/main.yml" % role, show("%s, in a handler" % role, "", task_vars()))
        write("roles/%s/tasks/main.yml" % role,
              show("%s, its own task" % role, "", "  changed_when: yes\n  notify: \"%s, in a handler\"\n" % role)
              + "- block:\n" + show("%s, in a block" % role, "    ")
              + show("%s, in a block, with vars" % role, "    ", task_vars())
              + "  vars:\n" + lines("16", "    ")
              + "- include_tasks: inner.yml\n  vars:\n" + lines("21", "    ")
              + "- import_tasks: inner.yml\n  vars:\n" + lines("21", "    "))
        write("roles/%s/tasks/inner.yml" % role,
              "- block:\n" + show("%s, in included tasks" % role, "    ", task_vars())
              + "  vars:\n" + lines("16", "    "))

    play = "- hosts: h\n  gather_facts: no\n  vars:\n" + lines("12", "    ") + "  vars_prompt:\n"
    for name in variables("13"):
        play += '    - {name: %s, prompt: "?", default: "13"}\n' % name
    play += "  vars_files: [file.yml]\n"
    play += "  pre_tasks:\n" + show("before the roles", "    ")
    play += "  roles:\n    - role: entry\n" + lines("20", "      ")
    late = show("after the roles", "    ", task_vars())
    calls = ""
    for kind, role in ("include_role", "included"), ("import_role", "imported"):
        calls += "    - %s:\n        name: %s\n      vars:\n" % (kind, role) + lines("20", "        ")
    registered = "".join("    - debug: msg=x\n      register: r%s\n" % p for p in PLACES if p != "19")
    early = play + "  tasks:\n" + late + calls
    write("play.yml", early)
    assigned = "    - include_vars: included.yml\n    - set_fact:\n" + lines("19", "        ") + registered
    write("assigned.yml", early.replace("  pre_tasks:\n", "  pre_tasks:\n" + assigned, 1))


main()
