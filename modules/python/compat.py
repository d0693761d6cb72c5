#!/usr/bin/python3
# Runs a module that is written in Python (a repository's library/) on a target that has Python 3.6 or
# later. It is the program that ertc sends; the module's text follows at the end. The module finds
# what it imports of ansible.module_utils here, as far as modules commonly use it. Arguments come as
# JSON on stdin, the result goes as JSON to stdout.
import json
import os
import sys
import types

_input = json.load(sys.stdin)
_args = _input['args']


def _package(name):
    if name in sys.modules:
        return sys.modules[name]
    package = types.ModuleType(name)
    package.__path__ = []
    sys.modules[name] = package
    if '.' in name:
        parent, _, own = name.rpartition('.')
        setattr(_package(parent), own, package)
    return package


# ---- text ----

def to_text(value, encoding='utf-8', errors='surrogateescape', nonstring='simplerepr'):
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode(encoding, errors or 'surrogateescape')
    if nonstring == 'passthru':
        return value
    if nonstring == 'empty':
        return ''
    if nonstring == 'strict':
        raise TypeError('obj must be a string type')
    return str(value)


def to_bytes(value, encoding='utf-8', errors='surrogateescape', nonstring='simplerepr'):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode(encoding, errors or 'surrogateescape')
    if nonstring == 'passthru':
        return value
    if nonstring == 'empty':
        return b''
    if nonstring == 'strict':
        raise TypeError('obj must be a string type')
    return str(value).encode(encoding, errors or 'surrogateescape')


def _plain(value):
    """What JSON can hold."""
    if isinstance(value, bytes):
        return to_text(value)
    if isinstance(value, dict):
        return {to_text(k) if isinstance(k, bytes) else k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


def jsonify(data, **options):
    return json.dumps(_plain(data), **options)


_TRUE = frozenset(('y', 'yes', 'on', '1', 'true', 't', 1, 1.0, True))
_FALSE = frozenset(('n', 'no', 'off', '0', 'false', 'f', 0, 0.0, False))


def boolean(value, strict=True):
    if isinstance(value, bool):
        return value
    plain = to_text(value).lower().strip() if isinstance(value, (str, bytes)) else value
    if plain in _TRUE:
        return True
    if plain in _FALSE or not strict:
        return False
    raise TypeError("The value '%s' is not a valid boolean.  Valid booleans include: %s" % (
        to_text(value), ', '.join(repr(i) for i in sorted(_TRUE | _FALSE, key=str))))


# ---- arguments ----

def _kind(value):
    return str(type(value))


def _as_str(value):
    return value if isinstance(value, str) else to_text(value)


def _as_int(value):
    if isinstance(value, (int, bool)):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    raise TypeError('%s cannot be converted to an int' % _kind(value))


def _as_float(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError('%s cannot be converted to a float' % _kind(value))


def _as_list(value):
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return value.split(',')
    if isinstance(value, (int, float)):
        return [str(value)]
    raise TypeError('%s cannot be converted to a list' % _kind(value))


def _as_dict(value):
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        text = value.strip()
        if text.startswith('{'):
            try:
                return json.loads(text)
            except ValueError:
                raise TypeError('unable to evaluate string as dictionary')
        if '=' in text:
            return dict(part.strip().split('=', 1) for part in text.replace(',', ' ').split() if '=' in part)
        raise TypeError('dictionary requested, could not parse JSON or key=value')
    raise TypeError('%s cannot be converted to a dict' % _kind(value))


def _as_path(value):
    return os.path.expanduser(os.path.expandvars(_as_str(value)))


def _as_json(value):
    return value.strip() if isinstance(value, str) else json.dumps(_plain(value))


def _as_bytes(value):
    units = 'BKMGTPEZY'
    text = str(value).strip().upper().rstrip('B') or '0'
    power = units.find(text[-1]) if not text[-1].isdigit() else 0
    return int(float(text if power <= 0 else text[:-1]) * 1024 ** max(power, 0))


_TYPES = {'str': _as_str, 'int': _as_int, 'float': _as_float, 'bool': boolean, 'list': _as_list,
          'dict': _as_dict, 'path': _as_path, 'raw': lambda value: value, 'json': _as_json,
          'jsonarg': _as_json, 'bytes': _as_bytes, 'bits': _as_bytes}


class _Wrong(Exception):
    pass


def _among(value, choices, name):
    for item in value if isinstance(value, list) else [value]:
        if item not in choices:
            raise _Wrong('value of %s must be one of: %s, got: %s' % (
                name, ', '.join(to_text(c) for c in choices), to_text(item)))


def _convert(value, wanted, name):
    if callable(wanted):
        return wanted(value)
    try:
        return _TYPES[wanted or 'str'](value)
    except (TypeError, ValueError) as exc:
        raise _Wrong("argument '%s' is of type %s and we were unable to convert to %s: %s" % (
            name, _kind(value), wanted, exc))


def _check(spec, given, where=''):
    """The arguments as the specification has them; _Wrong says what is not right."""
    params = dict(given)
    known = set(spec)
    for name, row in spec.items():
        for alias in row.get('aliases') or []:
            known.add(alias)
            if alias in params:
                params[name] = params[alias]
    for name, row in spec.items():
        if params.get(name) is None:
            fallback = row.get('fallback')
            if fallback and fallback[0] is env_fallback:
                for variable in fallback[1:]:
                    for one in variable if isinstance(variable, (list, tuple)) else [variable]:
                        if os.environ.get(one) is not None:
                            params[name] = os.environ[one]
    missing = sorted(n for n, r in spec.items() if r.get('required') and params.get(n) is None and n not in params)
    if missing:
        raise _Wrong('missing required arguments: %s%s' % (', '.join(missing), ' found in %s' % where[:-1] if where else ''))
    for name, row in spec.items():
        if params.get(name) is None:
            params[name] = row.get('default')
            if params[name] is None:
                continue
        params[name] = _convert(params[name], row.get('type'), name)
        if row.get('elements') and isinstance(params[name], list):
            params[name] = [_convert(item, row['elements'], name) for item in params[name]]
        if row.get('choices') is not None:
            _among(params[name], row['choices'], name)
        below = row.get('options')
        if below and isinstance(params[name], dict):
            params[name] = _check(below, params[name], where + name + '.')
        elif below and isinstance(params[name], list):
            params[name] = [_check(below, item, where + name + '.') if isinstance(item, dict) else item
                            for item in params[name]]
    unknown = sorted(set(given) - known)
    if unknown:
        raise _Wrong('Unsupported parameters for (%s) module: %s. Supported parameters include: %s.' % (
            _input['name'], ', '.join(where + u for u in unknown), ', '.join(sorted(known))))
    return params


def env_fallback(*names, **_):
    for name in names:
        if name in os.environ:
            return os.environ[name]
    raise KeyError(names)


def _check_groups(params, exclusive, together, one_of, when, by):
    there = {name for name, value in params.items() if value is not None}
    for group in exclusive or []:
        group = [group] if isinstance(group, str) else group
        if len(there & set(group)) > 1:
            raise _Wrong('parameters are mutually exclusive: %s' % '|'.join(group))
    for group in together or []:
        if there & set(group) and not there >= set(group):
            raise _Wrong('parameters are required together: %s' % ', '.join(group))
    for group in one_of or []:
        if not there & set(group):
            raise _Wrong('one of the following is required: %s' % ', '.join(group))
    for row in when or []:
        name, value, needed = row[0], row[1], row[2]
        is_any = len(row) > 3 and row[3]
        if params.get(name) == value and name in params:
            missing = [n for n in needed if n not in there]
            if (is_any and len(missing) == len(needed)) or (not is_any and missing):
                raise _Wrong('%s is %s but %s of the following are missing: %s' % (
                    name, to_text(value), 'any' if is_any else 'all', ', '.join(missing)))
    for name, needed in (by or {}).items():
        needed = [needed] if isinstance(needed, str) else needed
        missing = [n for n in needed if n not in there]
        if name in there and missing:
            raise _Wrong("missing parameter(s) required by '%s': %s" % (name, ', '.join(missing)))


_FILE_ARGUMENTS = {'mode': {'type': 'raw'}, 'owner': {}, 'group': {}, 'seuser': {}, 'serole': {}, 'selevel': {},
                   'setype': {}, 'attributes': {'aliases': ['attr']}, 'unsafe_writes': {'type': 'bool', 'default': False}}


class AnsibleModule(object):
    def __init__(self, argument_spec, bypass_checks=False, no_log=False, mutually_exclusive=None,
                 required_together=None, required_one_of=None, add_file_common_args=False,
                 supports_check_mode=False, required_if=None, required_by=None):
        spec = dict(argument_spec)
        if add_file_common_args:
            for name, row in _FILE_ARGUMENTS.items():
                spec.setdefault(name, row)
        self.argument_spec = spec
        self.supports_check_mode = supports_check_mode
        self.check_mode = _input['check_mode']
        self._diff = _input['diff']
        self._verbosity = _input['verbosity']
        self._name = _input['name']
        self._debug = False
        self._warnings, self._deprecations = [], []
        self.no_log = no_log
        self.no_log_values = set()
        self.params = {}
        self.ansible_version = '2.14.18'
        self.run_command_environ_update = {}
        self._tmpdir = None
        self.cleanup_files = []
        if self.check_mode and not supports_check_mode:
            self.exit_json(skipped=True, msg='remote module (%s) does not support check mode' % self._name)
        try:
            self.params = _check(spec, _args)
            self._find_secrets(spec, self.params)
            if not bypass_checks:
                _check_groups(self.params, mutually_exclusive, required_together, required_one_of,
                              required_if, required_by)
        except _Wrong as exc:
            self.fail_json(msg=str(exc))

    def _find_secrets(self, spec, params):
        for name, row in spec.items():
            value = params.get(name)
            if row.get('no_log') and value not in (None, ''):
                for item in value if isinstance(value, list) else [value]:
                    if not isinstance(item, (bool, dict)):
                        self.no_log_values.add(to_text(item))
            if row.get('options') and isinstance(value, dict):
                self._find_secrets(row['options'], value)

    def _masked(self, value):
        if isinstance(value, str):
            for secret in self.no_log_values:
                if secret == value:
                    return 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'
                value = value.replace(secret, '********')
            return value
        if isinstance(value, dict):
            return {k: self._masked(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._masked(v) for v in value]
        if str(value) in self.no_log_values and not isinstance(value, bool) and value is not None:
            return 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'
        return value

    def _leave(self, result, code):
        import shutil
        if self._warnings:
            result['warnings'] = list(result.get('warnings') or []) + self._warnings
        if self._deprecations:
            result['deprecations'] = list(result.get('deprecations') or []) + self._deprecations
        result.setdefault('invocation', {'module_args': {
            k: 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER' if (self.argument_spec.get(k) or {}).get('no_log') else v
            for k, v in self.params.items()}})
        for path in self.cleanup_files:
            self._forget(path)
        if self._tmpdir:
            shutil.rmtree(self._tmpdir, ignore_errors=True)
        sys.stdout.write('\n' + json.dumps(self._masked(_plain(result))) + '\n')
        sys.stdout.flush()
        sys.exit(code)

    @staticmethod
    def _forget(path):
        try:
            os.unlink(path)
        except OSError:
            pass

    def exit_json(self, **result):
        self._leave(result, 0)

    def fail_json(self, msg='', **result):
        result['failed'] = True
        result['msg'] = msg
        self._leave(result, 1)

    def fail_on_missing_params(self, required_params=None):
        missing = [name for name in required_params or [] if self.params.get(name) is None]
        if missing:
            self.fail_json(msg='missing required arguments: %s' % ', '.join(missing))

    def warn(self, warning):
        self._warnings.append(to_text(warning))

    def deprecate(self, msg, version=None, date=None, collection_name=None):
        self._deprecations.append({'msg': to_text(msg), 'version': version})

    def log(self, msg, log_args=None):
        pass

    def debug(self, msg):
        pass

    boolean = staticmethod(boolean)
    jsonify = staticmethod(jsonify)
    from_json = staticmethod(json.loads)

    @property
    def tmpdir(self):
        import tempfile
        if self._tmpdir is None:
            self._tmpdir = tempfile.mkdtemp(prefix='ertc-')
        return self._tmpdir

    def add_cleanup_file(self, path):
        self.cleanup_files.append(path)

    def do_cleanup_files(self):
        for path in self.cleanup_files:
            self._forget(path)

    def get_bin_path(self, arg, required=False, opt_dirs=None):
        for place in list(opt_dirs or []) + os.environ.get('PATH', '').split(':') + ['/sbin', '/usr/sbin', '/usr/local/sbin']:
            path = os.path.join(place, arg)
            if place and os.path.isfile(path) and os.access(path, os.X_OK):
                return path
        if required:
            self.fail_json(msg='Failed to find required executable "%s" in paths: %s' % (arg, os.environ.get('PATH', '')))
        return None

    def run_command(self, args, check_rc=False, close_fds=True, executable=None, data=None, binary_data=False,
                    path_prefix=None, cwd=None, use_unsafe_shell=False, prompt_regex=None, environ_update=None,
                    umask=None, encoding='utf-8', errors='surrogateescape', expand_user_and_vars=True,
                    pass_fds=None, before_communicate_callback=None, ignore_invalid_cwd=True, handle_exceptions=True):
        import shlex
        import subprocess
        if isinstance(args, (list, tuple)):
            words = [to_text(word) for word in args]
            if use_unsafe_shell:
                words = ' '.join(shlex.quote(word) for word in words)
        else:
            words = args if use_unsafe_shell else shlex.split(to_text(args))
        if expand_user_and_vars and isinstance(words, list):
            words = [os.path.expanduser(os.path.expandvars(word)) for word in words]
        environment = dict(os.environ, **self.run_command_environ_update)
        environment.update(environ_update or {})
        if path_prefix:
            environment['PATH'] = '%s:%s' % (path_prefix, environment.get('PATH', ''))
        if data is not None and not binary_data:
            data = to_bytes(data) + (b'' if to_bytes(data).endswith(b'\n') else b'\n')
        try:
            done = subprocess.Popen(words, shell=use_unsafe_shell, executable=executable if use_unsafe_shell else None,
                                    stdin=subprocess.PIPE if data is not None else subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, env=environment,
                                    preexec_fn=(lambda: os.umask(umask)) if umask is not None else None)
            out, err = done.communicate(data)
            code = done.returncode
        except (OSError, ValueError) as exc:
            if not handle_exceptions:
                raise
            self.fail_json(rc=getattr(exc, 'errno', 257), stdout='', stderr='', msg=to_text(exc), cmd=words)
        if encoding is not None:
            out, err = to_text(out, encoding, errors), to_text(err, encoding, errors)
        if check_rc and code != 0:
            self.fail_json(cmd=words, rc=code, stdout=out, stderr=err, msg=to_text(err).rstrip())
        return code, out, err

    # ---- files ----

    def digest_from_file(self, filename, algorithm):
        import hashlib
        digest = hashlib.new(algorithm)
        if not os.path.exists(filename):
            return None
        with open(filename, 'rb') as source:
            for piece in iter(lambda: source.read(65536), b''):
                digest.update(piece)
        return digest.hexdigest()

    def sha1(self, filename):
        return self.digest_from_file(filename, 'sha1')

    def md5(self, filename):
        return self.digest_from_file(filename, 'md5')

    def sha256(self, filename):
        return self.digest_from_file(filename, 'sha256')

    def backup_local(self, path):
        import shutil
        import time
        if not os.path.exists(path):
            return ''
        copy = '%s.%s.%s' % (path, os.getpid(), time.strftime('%Y-%m-%d@%H:%M:%S~'))
        shutil.copy2(path, copy)
        return copy

    def atomic_move(self, src, dest, unsafe_writes=False):
        import shutil
        import tempfile
        if os.path.exists(dest):
            status = os.stat(dest)
            os.chmod(src, status.st_mode & 0o7777)
            try:
                os.chown(src, status.st_uid, status.st_gid)
            except OSError:
                pass
        else:
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(src, 0o666 & ~mask)
        handle, beside = tempfile.mkstemp(prefix='.ertc_', dir=os.path.dirname(os.path.abspath(dest)))
        os.close(handle)
        try:
            shutil.copy2(src, beside)
            status = os.stat(src)
            try:
                os.chown(beside, status.st_uid, status.st_gid)
            except OSError:
                pass
            os.rename(beside, dest)
        except (OSError, IOError) as exc:
            self._forget(beside)
            self.fail_json(msg='Could not replace file: %s to %s: %s' % (src, dest, to_text(exc)))
        self._forget(src)

    def load_file_common_arguments(self, params, path=None):
        path = path or params.get('path') or params.get('dest')
        if path is None:
            return {}
        found = {name: params.get(name) for name in _FILE_ARGUMENTS if name in self.argument_spec}
        found['path'] = os.path.expanduser(path)
        return found

    def set_fs_attributes_if_different(self, file_args, changed, diff=None, expand=True):
        path = file_args.get('path')
        changed = self.set_owner_if_different(path, file_args.get('owner'), changed)
        changed = self.set_group_if_different(path, file_args.get('group'), changed)
        return self.set_mode_if_different(path, file_args.get('mode'), changed)

    set_file_attributes_if_different = set_fs_attributes_if_different

    def set_mode_if_different(self, path, mode, changed, diff=None, expand=True):
        import stat
        if mode is None:
            return changed
        try:
            wanted = mode if isinstance(mode, int) else int(str(mode), 8)
        except ValueError:
            self.fail_json(path=path, msg='mode must be in octal here', details=to_text(mode))
        if stat.S_IMODE(os.lstat(path).st_mode) == wanted:
            return changed
        if not self.check_mode:
            os.chmod(path, wanted)
        return True

    def set_owner_if_different(self, path, owner, changed, diff=None, expand=True):
        import pwd
        if owner is None:
            return changed
        try:
            wanted = int(owner) if str(owner).isdigit() else pwd.getpwnam(owner).pw_uid
        except KeyError:
            self.fail_json(path=path, msg='chown failed: failed to look up user %s' % owner)
        if os.lstat(path).st_uid == wanted:
            return changed
        if not self.check_mode:
            os.lchown(path, wanted, -1)
        return True

    def set_group_if_different(self, path, group, changed, diff=None, expand=True):
        import grp
        if group is None:
            return changed
        try:
            wanted = int(group) if str(group).isdigit() else grp.getgrnam(group).gr_gid
        except KeyError:
            self.fail_json(path=path, msg='chgrp failed: failed to look up group %s' % group)
        if os.lstat(path).st_gid == wanted:
            return changed
        if not self.check_mode:
            os.lchown(path, -1, wanted)
        return True

    def add_path_info(self, result):
        return result


def get_exception():
    return sys.exc_info()[1]


def missing_required_lib(library, reason=None, url=None):
    return 'Failed to import the required Python library (%s) on %s\'s Python %s.%s%s' % (
        library, os.uname()[1], sys.executable, ' %s.' % reason if reason else '', ' See %s.' % url if url else '')


# ---- urls ----

def open_url(url, data=None, headers=None, method=None, timeout=10, validate_certs=True, **_):
    import ssl
    from urllib import request
    wanted = request.Request(url, data=to_bytes(data) if data is not None else None, headers=headers or {}, method=method)
    context = None if validate_certs else ssl._create_unverified_context()
    return request.urlopen(wanted, timeout=timeout, context=context)


def fetch_url(module, url, data=None, headers=None, method=None, timeout=10, **_):
    from urllib import error
    try:
        answer = open_url(url, data, headers, method, timeout, module.params.get('validate_certs', True))
        info = {k.lower(): v for k, v in answer.headers.items()}
        info.update(status=answer.getcode(), url=answer.geturl(), msg='OK (%s bytes)' % answer.headers.get('Content-Length', 'unknown'))
        return answer, info
    except error.HTTPError as exc:
        return None, dict({k.lower(): v for k, v in exc.headers.items()}, status=exc.code, url=url, msg=str(exc), body=exc.read())
    except Exception as exc:
        return None, {'status': -1, 'url': url, 'msg': 'Request failed: %s' % exc}


# ---- what imports find ----

def _offer():
    utils = 'ansible.module_utils'
    six = {'PY2': False, 'PY3': True, 'string_types': (str,), 'text_type': str, 'binary_type': bytes,
           'integer_types': (int,), 'iteritems': lambda d: iter(d.items()), 'iterkeys': lambda d: iter(d.keys()),
           'itervalues': lambda d: iter(d.values()), 'b': to_bytes, 'u': to_text}
    text = {'to_text': to_text, 'to_bytes': to_bytes, 'to_native': to_text, 'jsonify': jsonify,
            'container_to_text': _plain}
    basic = {name: value for name, value in globals().items() if not name.startswith('_')}
    basic.update(text, get_platform=lambda: 'Linux', BOOLEANS=_TRUE | _FALSE, BOOLEANS_TRUE=_TRUE,
                 BOOLEANS_FALSE=_FALSE, FILE_COMMON_ARGUMENTS=_FILE_ARGUMENTS, env_fallback=env_fallback)
    basic.update(six)
    rows = {
        '.basic': basic, '._text': text, '.common.text.converters': text,
        '.common.text': {}, '.common.collections': {
            'is_iterable': lambda v, include_strings=False: hasattr(v, '__iter__') and (include_strings or not isinstance(v, (str, bytes))),
            'is_sequence': lambda v, include_strings=False: isinstance(v, (list, tuple)) or (include_strings and isinstance(v, str)),
            'Mapping': dict},
        '.common.parameters': {'env_fallback': env_fallback}, '.common.validation': {},
        '.common.process': {'get_bin_path': lambda arg, opt_dirs=None, required=None: __import__('shutil').which(arg)},
        '.parsing.convert_bool': {'boolean': boolean, 'BOOLEANS': _TRUE | _FALSE, 'BOOLEANS_TRUE': _TRUE, 'BOOLEANS_FALSE': _FALSE},
        '.pycompat24': {'get_exception': get_exception},
        '.six': six, '.urls': {'open_url': open_url, 'fetch_url': fetch_url},
    }
    for name, members in rows.items():
        _package(utils + name).__dict__.update(members)
    moves = _package(utils + '.six.moves')
    import configparser
    import urllib.error
    import urllib.parse
    import urllib.request
    moves.__dict__.update(configparser=configparser, range=range, map=map, zip=zip, filter=filter, input=input)
    for name, module in (('urllib', urllib), ('urllib.parse', urllib.parse), ('urllib.request', urllib.request), ('urllib.error', urllib.error)):
        sys.modules[utils + '.six.moves.' + name] = module
    moves.urllib = urllib


def _offer_own(sources):
    """A repository's own module_utils, by their names below ansible.module_utils."""
    import importlib.abc
    import importlib.util

    class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name, path=None, target=None):
            short = name[len('ansible.module_utils.'):]
            if name.startswith('ansible.module_utils.') and short in sources:
                return importlib.util.spec_from_loader(name, self)
            return None

        def create_module(self, spec):
            return None

        def exec_module(self, module):
            short = module.__name__[len('ansible.module_utils.'):]
            exec(compile(sources[short], short + '.py', 'exec'), module.__dict__)

    sys.meta_path.insert(0, Finder())


def _run(source, utils):
    _offer()
    _offer_own(utils)
    scope = types.ModuleType('__main__')
    scope.__file__ = _input['name'] + '.py'
    sys.modules['__main__'] = scope
    exec(compile(source, scope.__file__, 'exec'), scope.__dict__)


