#!/usr/bin/python3
"""Compares `ertc template-eval` with ansible-core's Templar on generated cases.

usage: differential.py ERTC                    all cases, live; says «skipped» where ansible-core is not installed
       differential.py ERTC --family NAME      one family (--show N differences, --limit N cases, --seed N)
       differential.py ERTC --golden FILE      against answers that were kept
       differential.py --write FILE [--per N]  keeps the oracle's answers to N cases of each family
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import families  # noqa: E402

# What differs and why: (what the template holds, the reason). Such cases are left out of the comparison.
KNOWN = [
    (r'\[\.\.\.\]', "Python's Ellipsis as a literal"),
    (r'line_(statement|comment)_prefix', 'line statements and comments are refused, with a message'),
    (r'\{1, ?2\}', 'sets, which JSON cannot say either'),
    (r'regex_replace\([^)]*count=', 'count= is of later versions; it works here'),
    (r'isocalendar|%z', 'time zones of datetime objects'),
    (r'range\(\d+\)\|(string|striptags)', 'a range shows as the list it stands for'),
    (r'1\.real|\.__|bit_length|denominator|as_integer_ratio|fromkeys|\.hex\(|is_integer', "attributes of Python's objects"),
]
# Answers without a form in JSON, or that name a place in memory.
UNSAYABLE = r'not JSON serializable|object at 0x|<(built-in |bound )?method|Markup|AnsibleUndefined\(|datetime\.|SplitResultBytes|TemplateReference'

FILES = os.path.join(HERE, 'files')
PYTHON = '/usr/bin/python3'


def needed(template, variables):
    """Only the variables that a case can reach, so that lines stay short."""
    seen, queue = {}, [json.dumps(template, ensure_ascii=False)]
    while queue:
        for word in re.findall(r'\w+', queue.pop()):
            if word in variables and word not in seen:
                seen[word] = variables[word]
                queue.append(json.dumps(variables[word], ensure_ascii=False))
    return seen


def generate(names, seed, limit):
    for family in families.FAMILIES:
        name = family.__name__.strip('_')
        if names and name not in names:
            continue
        cases = list(family(random.Random('%s %d' % (name, seed))))
        if limit and len(cases) > limit:
            cases = random.Random(seed).sample(cases, limit)
        for number, (mode, template, variables) in enumerate(cases):
            yield {'id': '%s %d' % (name, number), 'mode': mode, 'template': template, 'vars': needed(template, variables), 'dir': FILES}


def ask(command, requests):
    environment = dict(os.environ, LC_ALL='C.UTF-8', TZ='Europe/Berlin', ANSIBLE_LOCALHOST_WARNING='0', HOME='/root',
                       PYTHONHASHSEED='0')
    for name in ('ANSIBLE_CONFIG', 'ANSIBLE_JINJA2_NATIVE'):
        environment.pop(name, None)
    environment['ANSIBLE_JINJA2_EXTENSIONS'] = 'jinja2.ext.do,jinja2.ext.loopcontrols'
    text = ''.join(json.dumps(r) + '\n' for r in requests)
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, env=environment, check=False)
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    if len(answers) != len(requests):
        sys.exit('%s: %d requests, %d answers (status %d)' % (command, len(requests), len(answers), done.returncode))
    return answers


def plain(answer):
    return json.dumps(answer['value']) if answer['ok'] else 'error'


def has_oracle():
    return subprocess.run([PYTHON, '-c', 'import ansible.template'], stderr=subprocess.DEVNULL, check=False).returncode == 0


def is_known(request, answer):
    text = json.dumps(request['template'], ensure_ascii=False)
    # Ansible evaluates what {{ }} inside a condition gave once more, as code; here it is the value (rule R1).
    if request['mode'] == 'when' and re.search(r'\{\{|\{%', text) and not re.fullmatch(r'[\["]*\{\{ \w+ \}\}["\]]*', text):
        return True
    return re.search(UNSAYABLE, json.dumps(answer)) or any(re.search(pattern, text) for pattern, _ in KNOWN)


def compare(requests, wanted, got, show):
    """Prints the differences by family; returns how many there are."""
    good, bad, shown, known = 0, {}, {}, 0
    for request, w, g in zip(requests, wanted, got):
        if is_known(request, w):
            known += 1
        elif plain(w) == plain(g):
            good += 1
        if is_known(request, w) or plain(w) == plain(g):
            continue
        family = request['id'].split()[0]
        bad[family] = bad.get(family, 0) + 1
        if shown.setdefault(family, 0) < show:
            shown[family] += 1
            print('DIFFERENT %s [%s]\n  template: %s\n  wanted:   %s\n  got:      %s' % (
                request['id'], request['mode'], json.dumps(request['template'])[:400],
                (plain(w) if w['ok'] else 'error: ' + w.get('error', ''))[:500], (plain(g) if g['ok'] else 'error: ' + g.get('error', ''))[:500]))
    for family, count in sorted(bad.items()):
        print('%-14s %d differences' % (family, count))
    if known:
        print('%d left out: known differences, or answers that JSON cannot say' % known)
    print('%d passed, %d failed' % (good, sum(bad.values())))
    return sum(bad.values())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('ertc', nargs='?')
    parser.add_argument('--family', action='append')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--limit', type=int, default=0)
    parser.add_argument('--show', type=int, default=5)
    parser.add_argument('--golden')
    parser.add_argument('--write')
    parser.add_argument('--per', type=int, default=100)
    args = parser.parse_args()
    if args.golden:
        cases = [json.loads(line) for line in open(args.golden, encoding='utf-8')]
        for case in cases:
            case['request']['dir'] = FILES
        requests = [c['request'] for c in cases]
        return compare(requests, [c['answer'] for c in cases], ask([os.path.abspath(args.ertc), 'template-eval'], requests), args.show) > 0
    if not has_oracle():
        print('skipped: ansible-core is not installed, nothing to compare with')
        return 0
    requests = list(generate(args.family, args.seed, args.per if args.write else args.limit))
    wanted = ask([PYTHON, os.path.join(HERE, 'oracle.py')], requests)
    if args.write:
        with open(args.write, 'w', encoding='utf-8') as out:
            for request, answer in zip(requests, wanted):
                if is_known(request, answer) or 'too long' in answer.get('error', '') or os.getcwd() in json.dumps(answer):
                    # Neither what took too long, nor what depends on where the tests stand.
                    continue
                request.pop('dir')
                answer = {key: answer[key] for key in ('id', 'ok', 'value') if key in answer}
                out.write(json.dumps({'request': request, 'answer': answer}) + '\n')
        return 0
    return compare(requests, wanted, ask([os.path.abspath(args.ertc), 'template-eval'], requests), args.show) > 0


if __name__ == '__main__':
    sys.exit(main())
