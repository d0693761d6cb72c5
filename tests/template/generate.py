#!/usr/bin/python3
"""Writes the expected fields of cases.txt with the real tools (ansible-core's Templar, Jinja2).

A case is
    --- name
    vars: {JSON}            (optional; strings with {{ }} are templates)
    mode: string|file|condition   (optional; string)
    template:
    <lines, as they are>
    --- =
    <the expected result: JSON for string and condition, text for file, or "error: …">

The text of a template ends in front of the line "--- =" (without that newline). usage: generate.py cases.txt > new
"""
import json
import re
import sys
import warnings

warnings.simplefilter('ignore')
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.playbook.conditional import Conditional  # noqa: E402
from ansible.template import Templar  # noqa: E402
from ansible.utils.display import Display  # noqa: E402

Display.warning = lambda *a, **k: None
Display.deprecated = lambda *a, **k: None


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def error_text(exc):
    text = str(exc)
    found = re.findall(r"(?:'[^']+' is undefined|'[^']* object' has no attribute '[^']*'|'None' has no attribute '[^']*'"
                       r"|\w+ object has no element \S+[^. ])", text)
    return 'error: ' + (found[-1] if found else 'other')


def run(case):
    variables = json.load(open('tests/template/vars.json'))
    variables.update(case['vars'])
    loader = DataLoader()
    loader.set_basedir('tests/template/files')
    templar = Templar(loader=loader, variables=variables)
    templar.environment.loader.searchpath = ['tests/template/files']
    for extension in ('jinja2.ext.do', 'jinja2.ext.loopcontrols'):
        templar.environment.add_extension(extension)
    try:
        if case['mode'] == 'file':
            return str(templar.do_template(case['template'], escape_backslashes=False))
        if case['mode'] == 'condition':
            class Thing(Conditional):
                _ds = None
            thing = Thing(loader=DataLoader())
            thing.when = [case['template']]
            return json.dumps(thing.evaluate_conditional(templar, variables))
        return json.dumps(plain(templar.template(case['template'])), ensure_ascii=False)
    except Exception as exc:  # noqa: BLE001
        return error_text(exc)


def parse(text):
    for part in re.split(r'(?m)^--- (?!=)', text)[1:]:
        name, _, rest = part.partition('\n')
        head, _, body = rest.partition('template:\n')
        body = body.partition('\n--- =')[0] if '\n--- =' in body else body.rstrip('\n')
        fields = dict(line.split(': ', 1) for line in head.splitlines() if ': ' in line)
        yield {'name': name, 'vars': json.loads(fields.get('vars', '{}')), 'raw': head,
               'mode': fields.get('mode', 'string'), 'template': body}


def main():
    text = open(sys.argv[1], encoding='utf-8').read()
    out = text[:text.index('--- ')] if not text.startswith('--- ') else ''
    for case in parse(text):
        out += '--- %s\n%stemplate:\n%s\n--- =\n%s\n' % (case['name'], case['raw'], case['template'], run(case))
    sys.stdout.write(out)


main()
