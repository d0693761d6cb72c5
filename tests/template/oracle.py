#!/usr/bin/python3
"""Answers the requests of `ertc template-eval` with ansible-core's Templar: the oracle of differential.py.

One JSON object a line in, {"id", "template", "vars", "mode", "dir"}; one a line out, {"id", "ok", "value" or "error"}.
"""
import json
import os
import signal
import sys
import warnings

warnings.simplefilter('ignore')
from ansible import constants as C  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.playbook.conditional import Conditional  # noqa: E402
from ansible.template import AnsibleEnvironment, Templar  # noqa: E402
from ansible.utils.display import Display  # noqa: E402

for quiet in ('warning', 'deprecated', 'display', 'debug', 'error'):
    setattr(Display, quiet, lambda *a, **k: None)


class TooLong(BaseException):
    pass


def give_up(*_):
    raise TooLong


class Thing(Conditional):
    _ds = None


def templar_for(request, native):
    loader = DataLoader()
    folder = request.get('dir') or os.getcwd()
    loader.set_basedir(folder)
    C.DEFAULT_JINJA2_NATIVE = native
    templar = Templar(loader=loader, variables=request.get('vars') or {})
    # Where include, import and extends look: the template module adds the folder `templates`.
    templar.environment.loader.searchpath = [os.path.join(folder, 'templates'), folder]
    return templar


def answer(request):
    mode = request.get('mode', 'value')
    if request.get('dir'):
        os.chdir(request['dir'])
    templar = templar_for(request, mode == 'native')
    template = request['template']
    if mode in ('value', 'native'):
        return templar.template(template)
    if mode in ('file', 'file_lstrip'):
        templar = templar.copy_with_new_env(environment_class=AnsibleEnvironment, trim_blocks=True,
                                            lstrip_blocks=mode == 'file_lstrip')
        return templar.do_template(template, preserve_trailing_newlines=True, escape_backslashes=False)
    if mode == 'when':
        thing = Thing(loader=DataLoader())
        thing.when = template if isinstance(template, list) else [template]
        return bool(thing.evaluate_conditional(templar, request.get('vars') or {}))
    raise ValueError('no mode %r' % mode)


def run(request):
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(10)
    try:
        value = answer(request)
        text = json.dumps({'id': request.get('id'), 'ok': True, 'value': value})
    except TooLong:
        signal.alarm(0)
        text = json.dumps({'id': request.get('id'), 'ok': False, 'error': 'too long'})
    except BaseException as exc:  # noqa: BLE001
        signal.alarm(0)
        text = json.dumps({'id': request.get('id'), 'ok': False, 'error': str(exc)[:600], 'type': type(exc).__name__})
    finally:
        signal.alarm(0)
    return text


def main():
    for line in sys.stdin:
        try:
            request = json.loads(line)
        except ValueError as exc:
            print(json.dumps({'id': None, 'ok': False, 'error': str(exc)}), flush=True)
            continue
        print(run(request), flush=True)


if __name__ == '__main__':
    main()
