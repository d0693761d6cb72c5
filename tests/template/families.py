"""The families of generated cases: each is a function that yields requests from a random source.

A request is (mode, template, vars); what a family is about stands in its name. Same seed, same cases.
"""
import itertools

VARS = {
    'zero': 0, 'one': 1, 'neg': -7, 'big': 9007199254740993, 'pi': 3.14159, 'half': 0.5, 'tiny': 1e-7, 'huge': 1e22,
    'yes_': True, 'no_': False, 'nothing': None, 'empty': '', 'word': 'Hello', 'text': 'The quick brown fox', 'num': '42',
    'fnum': '3.50', 'padded': '  pad ded\t', 'lines': 'a\nb\r\nc\n', 'uni': 'Grüße – 日本 ☃', 'quotes': 'it\'s "x"',
    'path': '/etc/nginx/conf.d/site.conf.j2', 'html': '<a href="x?y=1&z">t</a>', 'csv': 'a,b,,c', 'tricky': '[1, 2',
    'back': 'a\\nb\\1', 'ints': [3, 1, 2, 3], 'words': ['pear', 'Apple', 'fig', 'apple'], 'mixed': [1, 'a', None, True, 2.5],
    'nested': [[1, 2], [3, [4, 5]], []], 'none_list': [None, 0, ''], 'none': [],
    'map': {'a': 1, 'b': [1, 2], 'c': {'d': 'x'}}, 'emap': {}, 'users': [
        {'name': 'bob', 'age': 30, 'tags': ['x', 'y'], 'on': True}, {'name': 'Al', 'age': 25, 'tags': [], 'on': False},
        {'name': 'eve', 'age': 30, 'tags': ['z'], 'on': True}], 'hosts': {'web': {'ip': '10.0.0.1', 'port': 80},
                                                                        'db': {'ip': '10.0.0.2', 'port': 5432}},
    'tpl': '{{ one }}', 'tpl2': '{{ word }}-{{ tpl }}', 'tlist': ['{{ one }}', '{{ word }}'], 'tmap': {'k': '{{ num }}'},
    'url': 'https://user:pw@example.com:8443/a/b?q=1&r=x#frag', 'json': '{"a": [1, 2.0, null, true], "b": "x"}',
    'yaml': 'a: 1\nb: [x, y]\n', 'date': '2024-02-29 13:14:15', 'ver': '1.10.2', 'ip': '192.168.1.10/24', 'key': 'a',
    'badtpl': '{{ missing_one }}', 'truthy': 'yes', 'b64': 'SGVsbG8=', 'octal': '0755', 'longtext':
    'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore',
}
NAMES = sorted(VARS)
LITERALS = ['0', '1', '-3', '7', '2.5', '-0.0', '1e3', '1_000', "'x'", "''", "'abc'", "'Ünï'", 'true', 'false', 'none',
            'True', 'None', '[]', '[1, 2, 3]', "['b', 'a']", '{}', "{'k': 'v'}", '(1, 2)', '(1,)', '()', "[1, [2, (3,)]]",
            "{'a': 1, 'b': [true, none]}", '"q\'s"', "'a\\nb'", '[none]', "'5'", "'1.0'", '0.1', '1e16', '1e-5', '123456789.125']
MISSING = ['missing_one', 'map.nope', 'ints[9]', 'word.nope', 'users[0].nope', 'nothing.x', 'missing_one.a.b', 'one.x',
           "map['nope']", 'hosts.web.nope']
ATOMS = NAMES + LITERALS

FILTERS = {
    'abs': [''], 'attr': ["'name'"], 'b64decode': [''], 'b64encode': [''], 'basename': [''],
    'batch': ['2', "2, 'x'", '3'], 'bool': [''], 'capitalize': [''], 'center': ['', '20'], 'combinations': ['2'],
    'combine': ['{"z": 1}', '{"a": {"n": 1}}, recursive=True', "{'b': [9]}, list_merge='append'"],
    'comment': ['', "'c'", "'plain', prefix='#', postfix='#'", "decoration='; '", "'xml'", "'erlang'", "'cblock'"],
    'count': [''], 'd': ["'D'", "'D', true", ''], 'default': ["'D'", "'D', true", 'omit_x', "boolean=true"],
    'dict2items': ['', "key_name='n', value_name='v'"], 'dictsort': ['', "by='value'", 'true', 'reverse=true'],
    'difference': ['[1, 3]', "['fig']"], 'dirname': [''], 'e': [''], 'escape': [''], 'expanduser': [''],
    'extract': ["{'a': 5}", '[9, 8, 7, 6]', "hosts, 'ip'"], 'filesizeformat': ['', 'true'], 'first': [''],
    'flatten': ['', 'levels=1', 'skip_nulls=False'], 'float': ['', '1.5'], 'forceescape': [''], 'format': ['1', "'a', 2", 'x=1'],
    'from_json': [''], 'from_yaml': [''], 'from_yaml_all': ['|list'], 'groupby': ["'age'", "'on'", "'nope', default=1", "'tags.0', default=0"],
    'hash': ["'md5'", "'sha1'", "'sha256'", "'nope'"], 'checksum': [''], 'md5': [''], 'sha1': [''],
    'human_readable': ['', 'isbits=True', "unit='M'"], 'human_to_bytes': ['', "isbits=True"],
    'indent': ['', '2', '4, true', "'> '", '2, blank=true', 'first=true'], 'int': ['', '9', 'base=16', '0, 8', 'default=5'],
    'intersect': ['[1, 3]', "['a']"], 'items': ['|list'], 'items2dict': ['', "key_name='name', value_name='age'"],
    'join': ['', "','", "', ', attribute='name'", "attribute='age'"], 'last': [''], 'length': [''], 'list': [''], 'log': ['', '10', '2'],
    'lower': [''], 'mandatory': ['', "'need it'"], 'map': ["attribute='name'|list", "'upper'|list", "'int'|list", "attribute='nope'|list",
            "attribute='nope', default='q'|list", "'default', 'x'|list", "'extract', map|list", "'regex_replace', '^', 'x'|list", 'string|list'],
    'max': ['', "attribute='age'", 'case_sensitive=true'], 'min': ['', "attribute='age'"], 'path_join': [''],
    'permutations': ['2|list'], 'pow': ['2', '0.5', '-1'], 'pprint': [''], 'product': ["['a', 'b']|list", 'repeat=2|list'],
    'quote': [''], 'realpath': [''], 'regex_escape': ['', "'posix_basic'"], 'regex_findall': ["'[a-z]+'", "'(\\\\w)(\\\\w)'", "'^.', multiline=True"],
    'regex_replace': ["'[aeiou]', '*'", "'(\\w+) (\\w+)', '\\2 \\1'", "'(?P<x>b.)', '<\\g<x>>'", "'^', '> ', multiline=True",
                      "'E', 'x', ignorecase=True", "'x*', '-'"],
    'regex_search': ["'[0-9]+'", "'(b)(r)', '\\1', '\\2'", "'(?P<n>o.)', '\\g<n>'", "'nope'", "'Q', ignorecase=True"],
    'reject': ["'odd'|list", "'none'|list", '|list'], 'rejectattr': ["'on'|list", "'age', 'equalto', 30|list", "'nope', 'defined'|list"],
    'rekey_on_member': ["'name'", "'nope'"], 'relpath': ["'/etc'"], 'replace': ["'a', 'b'", "'o', '0', 1", "'', '-'"], 'reverse': ['', '|list'],
    'root': ['', '3'], 'round': ['', '1', "0, 'floor'", "2, 'ceil'", '-1', "method='floor'"], 'safe': [''],
    'select': ["'odd'|list", "'string'|list", '|list', "'match', 'a'|list", "'gt', 1|list", "'in', [1, 'a']|list"],
    'selectattr': ["'on'|list", "'age', '>', 26|list", "'name', 'match', '^b'|list", "'tags', 'contains', 'x'|list", "'nope', 'undefined'|list"],
    'slice': ['2|list', "2, 'x'|list"], 'sort': ['', 'reverse=true', 'case_sensitive=true', "attribute='name'", "attribute='age,name'"],
    'split': ['', "','", "' ', 1"], 'splitext': [''], 'string': [''], 'striptags': [''], 'subelements': ["'tags'", "'nope'", "'nope', skip_missing=True"],
    'sum': ['', 'start=5', "attribute='age'", "attribute='age', start=1"], 'symmetric_difference': ['[1, 9]'], 'ternary': ["'t', 'f'", "'t', 'f', 'n'"],
    'title': [''], 'to_json': ['', 'indent=2', 'sort_keys=True', 'ensure_ascii=False', "separators=(',', ':')"], 'to_nice_json': ['', 'indent=2'],
    'to_nice_yaml': ['', 'indent=2', 'sort_keys=False'], 'to_uuid': ['', "namespace='6ba7b810-9dad-11d1-80b4-00c04fd430c8'"],
    'to_yaml': ['', 'default_flow_style=False', 'default_flow_style=True'], 'tojson': ['', 'indent=1'], 'trim': ['', "'a'"],
    'truncate': ['', '10', '10, true', "12, false, '..'", "9, true, '', 0", '5, leeway=0'], 'type_debug': [''],
    'union': ['[1, 9]', "['fig', 'new']"], 'unique': ['', 'case_sensitive=true', "attribute='age'"], 'upper': [''], 'urldecode': [''],
    'urlencode': [''], 'urlize': ['', '10'], 'urlsplit': ['', "'hostname'", "'port'", "'nope'"], 'win_basename': [''], 'win_dirname': [''],
    'win_splitdrive': [''], 'wordcount': [''], 'wordwrap': ['20', '7, false', "10, true, '|'", '10, break_on_hyphens=false'],
    'xmlattr': ['', 'false'], 'zip': ["['a', 'b', 'c']|list", '[1]|list'], 'zip_longest': ["['a'], fillvalue='-'|list", '[1]|list'],
    'to_datetime': ["|string", "'%Y-%m-%d %H:%M:%S'|string"], 'strftime': [], 'random': [], 'shuffle': [],
}
TESTS = ['abs', 'boolean', 'callable', 'contains(1)', "contains('a')", 'defined', 'divisibleby(2)', "eq('x')", '==(1)', 'escaped',
         'even', 'odd', 'false', 'true', 'float', 'integer', 'iterable', 'ge(1)', 'gt(0)', "lt('z')", 'le(2)', 'ne(1)', 'in([1, 2])',
         "in('Hello')", 'lower', 'upper', 'mapping', 'none', 'number', 'sameas(true)', 'sameas(none)', 'sequence', 'string', 'undefined',
         'truthy', 'falsy', 'truthy(convert_bool=True)', "match('[Hh]e')", "search('o')", "regex('^T')", "version('1.9', '>')",
         "version('1.10.2', 'eq')", "version('2', '<', strict=True)", "version('1.0', 'ge', version_type='loose')", 'subset([1, 2, 3, "a"])',
         'superset([1])', 'any', 'all', 'nan', 'failed', 'changed', 'skipped', 'success', 'exists', 'file', 'directory', 'link', 'is_abs',
         'mount', "url", "uri", "urn", 'vault_encrypted', 'filter', 'test', "same_file('/etc')", 'nope_test']
METHODS = {
    'capitalize': [''], 'casefold': [''], 'center': ['11', "11, '*'"], 'count': ["'l'", "'o', 2"], 'encode': ["'utf-8'"], 'endswith': ["'o'", "('x', 'o')"],
    'expandtabs': ['', '4'], 'find': ["'o'", "'z'", "'o', 5"], 'format': ['1', "'a', b=2"], 'index': ["'o'", "'zz'"], 'isalnum': [''], 'isalpha': [''],
    'isascii': [''], 'isdecimal': [''], 'isdigit': [''], 'isidentifier': [''], 'islower': [''], 'isnumeric': [''], 'isprintable': [''], 'isspace': [''],
    'istitle': [''], 'isupper': [''], 'join': ["['a', 'b']", "'xyz'", '[1]'], 'ljust': ['12', "12, '.'"], 'lower': [''], 'lstrip': ['', "'Th '"],
    'partition': ["'o'", "' '"], 'removeprefix': ["'He'"], 'removesuffix': ["'lo'"], 'replace': ["'o', '0'", "'o', '', 1"], 'rfind': ["'o'"],
    'rindex': ["'o'"], 'rjust': ['12', "12, '.'"], 'rpartition': ["' '"], 'rsplit': ['', "' ', 1", "'o'"], 'rstrip': ['', "'ox'"],
    'split': ['', "' '", "'o', 1", "None, 1"], 'splitlines': ['', 'true'], 'startswith': ["'He'", "('a', 'H')", "'e', 1"], 'strip': ['', "'Hx'"],
    'swapcase': [''], 'title': [''], 'upper': [''], 'zfill': ['8'], 'nope': [''],
}
CONTAINER_METHODS = ["map.keys()", "map.values()", "map.items()", "map.keys()|list", "map.items()|list", "map.get('a')", "map.get('q')",
    "map.get('q', 5)", "map.copy()", "ints.index(2)", "ints.index(99)", "ints.count(3)", "ints.copy()", "words.index('fig')", "map.pop('a')",
    "(1, 2, 1).count(1)", "(1, 2).index(2)", "map.keys()[0]", "map.values()|sum", "map.items()|first", "dict(map, z=9)", "dict(a=1)|to_json",
    "dict([['a', 1], ['b', 2]])", "dict(zip_x)", "map.update({'n': 1})", "ints.append(9)", "ints.pop()", "ints.extend([1])", "ints.sort()",
    "ints.reverse()", "ints.insert(0, 5)", "ints.remove(3)", "ints.clear()", "map.setdefault('a', 9)", "map.setdefault('n', 9)", "map.fromkeys(['x'], 1)",
    "map.popitem()", "map.clear()", "ints.__len__()", "word.__class__", "word.__class__.__name__", "map.a", "map['a']", "map.c.d", "map.b.0", "map.b[0]",
    "users.0.name", "users[0]['name']", "users[-1].name", "map.items", "map.keys", "one.real", "one.bit_length()", "pi.is_integer()", "half.as_integer_ratio()",
    "pi.hex()", "big.bit_length()", "1.5.real", "(1).denominator"]
BINARY = ['+', '-', '*', '/', '//', '%', '**', '~', '==', '!=', '<', '<=', '>', '>=', 'and', 'or', 'in', 'not in']


def numbers(rnd):
    atoms = ['0', '1', '-1', '7', '-7', '2.5', '-2.5', '0.1', '1e3', '1e16', '1e-5', '100', '1e22', '3', 'true', 'false', '1_0', '0x1F', '0o17', '0b101',
             '123456789012345678', '1.0', '1e100', '10', '2', '0.0', '5e-324', '1.7976931348623157e308', '9007199254740993', '0.3', '1e15']
    for a, b in itertools.product(atoms, atoms):
        yield 'value', '{{ %s %s %s }}' % (a, rnd.choice(BINARY[:7] + BINARY[8:14]), b), {}
    for a in atoms:
        for form in ('{{ -%s }}', '{{ +%s }}', '{{ %s|string }}', '{{ %s|int }}', '{{ %s|float }}', '{{ [%s] }}', '{{ %s ~ "" }}', '{{ %s|round(2) }}',
                     '{{ (%s)|abs }}', '{{ %s|round }}', "{{ %s|round(1, 'ceil') }}", '{{ %s is number }}', '{{ "%%s" %% %s }}', '{{ "{}".format(%s) }}',
                     '{{ %s|to_json }}', '{{ %s|filesizeformat }}', '{{ 2 ** %s }}'):
            yield 'value', form % a, {}
    for spec in ('d', '5d', '05d', '-5d', '+d', 'x', 'X', '#x', 'o', '#o', 'e', 'E', '.2e', 'f', '.1f', '8.3f', '08.3f', 'g', '.3g', 'G', 's', '10s', '-10s', '.2s', 'r',
                 'c', '%', 'i', 'u', 'a', '+.1f', ' d', '#.3g', '.0f', '5.5d', 'q'):
        for a in ('42', '-42', '3.14159', "'abc'", 'true', '1e20', 'none', '0', '[1]', "'é'", '65', '1234567.891'):
            yield 'value', '{{ "<%%%s>" %% %s }}' % (spec, a), {}
            yield 'value', '{{ "%%%s"|format(%s) }}' % (spec, a), {}
    for spec in ('', 'd', '5', '05', '<5', '>8', '^9', '*^9', '+', ',', '_', ',.2f', '.2f', 'e', 'g', '.3g', 'x', '#x', '#b', 'b', 'o', 'n', '%', '.1%', 's', '10s', '.2',
                 '!r', '!s', '!r:>8', 'c', '=+8', '08', '+.1e', 'X', '#X', '_x', '10.3', 'G', 'E', '-', ' ', '0>4', 'q'):
        for a in ('42', '-42', '3.14159', "'abc'", 'true', '1e20', 'none', '1234567', '1234567.891', '[1]', '65', '0', '0.00001'):
            yield 'value', '{{ "<{%s}>".format(%s) }}' % (spec if spec.startswith('!') else ':' + spec, a), {}
    for tpl in ("{0} {1} {0}", "{a} {b}", "{} {}", "{a[0]} {b.x}", "{{}} {}", "{0[k]}", "{:>{w}}", "{!r}", "}", "{", "{0", "{a!x}"):
        yield 'value', "{{ '%s'.format(1, 2, a=[7], b={'x': 1}, w=5) }}" % tpl, {}
    for tpl in ("%(a)s %(b)d", "%s %s", "%s", "%(a)05d", "%*d", "100%%", "%", "%(a)s %s", "%(zz)s"):
        for arg in ("{'a': 1, 'b': 2}", '(1, 2)', '1', '[1, 2]', '()'):
            yield 'value', "{{ '%s' %% %s }}" % (tpl, arg), {}


def reprs(rnd):
    for a in ATOMS:
        for form in ('{{ %s }}', '{{ [%s] }}', '{{ {"k": %s} }}', '{{ (%s, 1) }}', 'x{{ %s }}', '{{ %s ~ "!" }}', '{{ %s|string }}', ' {{ %s }}', '{{ %s }}\n',
                     '{{ [%s]|string }}', '{{ %s|type_debug }}', '{{ (%s)|to_json }}', '{{ %s if true }}', '{%% set q = %s %%}{{ q }}', '{{ (%s,)|list }}'):
            yield 'value', form % a, VARS
    for text in ("a'b", 'a"b', '\'"', '\n\t\r\\', 'é', '\u200b', '\x00', '\x7f', '\x80', '\u00a0', '\U0001f600', '\ud7ff', "\u2028", '\u0378', '\ue000', '\xad', '\u0301'):
        yield 'value', '{{ [x] ~ "" }}', {'x': text}
        yield 'value', '{{ x|to_json }}{{ x|pprint }}', {'x': text}
        yield 'value', '{{ [x] }}', {'x': text}
        yield 'value', '{{ x|to_yaml }}', {'x': text}
        yield 'value', '{{ x|length }}{{ x|upper }}{{ x|title }}{{ x|urlencode }}', {'x': text}


def literals(rnd):
    """Text that looks like data, which is read back."""
    parts = ['[1, 2]', '[', ']', '{', "{'a': 1}", '{"a": true}', '{"a": null}', 'True', 'False', 'None', ' [1]', '[1] ', '[1]\n', '["a" "b"]', "['a', ]", '[1,,2]',
             '(1, 2)', '1', '1.5', "'x'", '{1, 2}', '{1: 2}', '{(1, 2): 3}', '[1, -2, +3]', '[1+2j]', "[b'x']", "[u'x']", "[r'\\x']", '[0x1f]', '[0o17]', '[017]', '[1_000]',
             '[1e3]', '[.5]', '[5.]', '[...]', '[None, True]', '[true, false, null]', '[foo]', '[[1], [2, [3]]]', '{"a": {"b": [1]}}', "['it\\'s']", '["\\n"]', '["\\u00e9"]',
             '[1, # c\n2]', '[1\n,2]', '["""x"""]', "{'a': 1, 'a': 2}", '{}', '[]', '{"a": 1, }', '{"a" 1}', '{{', '[1]x', 'true', 'yes', '{**{}}', '[*[1]]', '[1 if True else 2]',
             '["a", "b"][0]', '{"a": 1e400}', '[-0]', '[- 1]', '[--1]', '[not True]', '[1 + 1]', "[f'x']", '["\\x41\\101"]', "['\\N{DASH}']", '[True]', '[nan]', '[inf]', '{"x": [}',
             '[12345678901234567890123]', '[1e16, 1e15, 0.1]', "{'k': ('a',)}", '[ ]', '[\t1]', '[set()]', '[{1}]', "['\\\n']", '2024-01-01', '0x10', '1_0', '1e5', "'a' 'b'", '"x"', '-1',
             '+1', '  1', '1  ', '\n1', 'b"x"', '(1)', '()', '(1,)', '1,2', 'x', '1j', '{}x', '08', '1.', '00', '"""a"""', 'None ', '[1]#x']
    for text in parts:
        for mode in ('value', 'native', 'file'):
            yield mode, '{{ x }}', {'x': text}
            yield mode, '{{ x }}{{ "" }}', {'x': text}
            yield mode, '{{ x | trim }}', {'x': text}
            if '{{' not in text:
                yield mode, '{% raw %}' + text + '{% endraw %}', {}
                yield mode, '{% set y %}' + text + '{% endset %}{{ y | type_debug }}', {}
                yield mode, '{% macro m() %}' + text + '{% endmacro %}{{ m() | type_debug }}', {}
                yield mode, '{{ x | string }}', {'x': text}
                yield mode, '{{ [x] }}', {'x': text}
                yield mode, text + '{{ "" }}', {}


def filters(rnd):
    for name, variants in sorted(FILTERS.items()):
        for args in variants:
            tail = ''
            if '|list' in args or '|string' in args:
                args, _, tail = args.partition('|')
                tail = '|' + tail
            call = '|%s%s%s' % (name, '(%s)' % args if args else '', tail)
            for atom in ATOMS + MISSING[:3]:
                yield 'value', '{{ %s%s }}' % (atom, call), VARS


def filter_chains(rnd):
    names = [n for n in FILTERS if FILTERS[n] and n not in ('permutations', 'product', 'combinations')]
    for _ in range(2500):
        text = rnd.choice(ATOMS + ['users|map(attribute="name")', 'map|dict2items', 'range(5)', 'text.split()', 'ints|sort'])
        for _ in range(rnd.randint(1, 4)):
            name = rnd.choice(names)
            args = rnd.choice(FILTERS[name])
            tail = ''
            if '|list' in args or '|string' in args:
                args, _, tail = args.partition('|')
                tail = '|' + tail
            text += '|%s%s%s' % (name, '(%s)' % args if args else '', tail)
        yield rnd.choice(['value', 'value', 'native', 'file']), '{{ %s }}' % text, VARS


def tests(rnd):
    for test in TESTS:
        for atom in ATOMS + MISSING:
            if atom in ('no_', 'yes_', 'zero', 'one', '0', '1', 'true', 'false', 'True', 'False') and test in ('file', 'exists', 'directory'):
                continue  # numbers of open files
            yield rnd.choice(['value', 'value', 'native']), '{{ %s is %s%s }}' % (atom, rnd.choice(['', '', 'not ']), test), VARS


def methods(rnd):
    for name, variants in sorted(METHODS.items()):
        for args in variants:
            for atom in ('word', 'text', 'uni', 'padded', 'empty', 'num', 'lines', "'ǅ ß ŉ'", "'x'", 'one', 'ints', "'a\\tb'", "'ÀÉÎ õü'", "'½²'", "'٣'", "'İı'"):
                yield rnd.choice(['value', 'native']), '{{ %s.%s(%s) }}' % (atom, name, args), VARS
    for text in CONTAINER_METHODS:
        for mode in ('value', 'native'):
            yield mode, '{{ %s }}' % text, VARS
            yield mode, '{{ %s }} {{ map }} {{ ints }}' % text, VARS
            yield mode, '{%% set x = %s %%}{{ x }} {{ map }} {{ ints }}' % text, VARS


def slices(rnd):
    for what in ('word', 'ints', 'uni', '(1, 2, 3)', 'empty', 'none', 'users', 'map', 'one', 'range(10)', "'abc'"):
        for cut in ('0', '-1', '5', '-9', '1:', ':2', ':-1', '::2', '::-1', '1:3', '-2:', ':', '5:1', '3:0:-1', '::0', "'a'", '0:1:1', 'none', '1.0', 'true', '1:none', '"0"', '-100:100',
                    '100:', '::-2', '2:-1', 'zero', 'neg:', 'one:'):
            yield rnd.choice(['value', 'native']), '{{ %s[%s] }}' % (what, cut), VARS


def operators(rnd):
    for _ in range(3000):
        a, b = rnd.choice(ATOMS), rnd.choice(ATOMS)
        op = rnd.choice(BINARY)
        yield rnd.choice(['value', 'native', 'value']), '{{ %s %s %s }}' % (a, op, b), VARS
    for _ in range(1000):
        parts = [rnd.choice(ATOMS + ['missing_one'])]
        for _ in range(rnd.randint(1, 4)):
            parts += [rnd.choice(BINARY), rnd.choice(['', 'not ', '-', '']) + rnd.choice(ATOMS)]
        yield 'value', '{{ %s }}' % ' '.join(parts), VARS
    for text in ('1 < 2 < 3', '3 > 2 > 5', '1 == 1.0 == true', 'not 1 == 2', '-2 ** 2', '2 ** 3 ** 2', '(2 ** 3) ** 2', '2 ** -1', '-7 // 2', '-7 % 3', '7 % -3', '-7.5 // 2', '7.5 % -2',
                 '1 if one else 2', '1 if zero', '(1 if zero) is defined', "'a' 'b'", "'a' ~ 1 ~ none", '[1] + [2]', '[1] * 3', '3 * "ab"', "'a' * -1", '(1,) + (2,)', '1 + true', '"a" < "b"',
                 '[1, 2] < [1, 3]', "'a' in 'abc'", "1 in {1: 2}", 'none == none', 'none is none', 'not none', '1 and 0', '0 or "x"', '"" or none or []', 'a.b is defined', 'one is defined and two is defined',
                 '[1,2,3][1:]', '{"a": 1}.a', '{"a": 1}["a"]', '(1, 2)[0]', '"abc"[1]', '1.0 + 1', '1 / 2', '4 / 2', '1e16', '1e-5', '1/3', '2/3', '10 ** 20', '1 - - 1', 'not not 1', '- - 1',
                 'one|string ~ 2|string', '1 + 2|string', '-1|abs', '(-1)|abs', '2 * 3|string', 'one.two.three', "'%s' % 5 ~ 'x'", '1 is odd and 2 is even', '1 is not odd', 'not 1 is odd', '5 is divisibleby 5',
                 '"a" is in "abc"', '1 is eq 1', 'x is sameas x', '1 is gt 0', 'word is match "H.*"', 'word is match("H") and true', '[] is not none', '1 in [1] is true', '1 == 1 is true', 'map is mapping and map', 'loop', 'self',
                 'namespace(a=1).a', 'range(3)', 'range(1, 4)|list', 'range(5, 0, -2)|list', 'range(3)|string', 'range(0)', 'lipsum', 'cycler(1,2).next()', 'joiner("x")()', 'dict(a=1)', 'now()|type_debug', 'undef()', 'undef(hint="h")', 'omit',
                 'vars.one', 'vars["word"]', 'vars.missing', 'vars.tpl', 'vars|type_debug', 'environment', 'true', 'TRUE', 'nothing', 'none', 'NONE', 'null', 'yes', 'True.x', '_', 'not', '1 +', '(', '[1', '{1', '1)', "'a", '"', '', ' ', '1 2', 'a b', '1 = 2',
                 'a|', '|a', 'a|b c', 'a is', 'is a', '1 if', 'if 1', 'a..b', 'a.', '.a', 'a[', 'a[]', 'f(', 'f(,)', 'f(a b)', '*a', '**a', 'a if b else', '%', '$', '@', '!', 'a!b', 'a?b', '\\', '`a`', '1__0', '1_', '0b12', '0xg', '1e', '1.e5', '.5', '1.', '01', '1.2.3', "'\\x4'",
                 "'\\u12'", "u'x'", "r'x'", "'a'.b", '1.real', 'a;b', 'a:b', 'lambda x: x', 'a := 1', '[x for x in a]', '{1, 2}', '{a: 1}', '{"a": 1, **map}', '[*ints]', 'print(1)', 'a.b()', 'one()', 'word()', 'missing_one()', "''()", 'words.__class__', 'a is b is c'):
        for mode in ('value', 'native'):
            yield mode, '{{ %s }}' % text, VARS
        yield 'when', text, VARS


STATEMENTS = [
    '{% for i in ints %}{{ i }},{% endfor %}', '{% for i in ints %}{{ loop.index }}/{{ loop.length }}{% if not loop.last %}, {% endif %}{% endfor %}',
    '{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}', '{% for k in map %}{{ k }}{% endfor %}', '{% for i in none %}x{% else %}empty{% endfor %}',
    '{% for u in users if u.on %}{{ loop.index0 }}{{ u.name }}{% endfor %}', '{% for i in range(3) %}{% for j in range(2) %}{{ loop.index }}{{ i }}{{ j }} {% endfor %}{% endfor %}',
    '{% for i in ints recursive %}{{ i }}{% endfor %}', '{% for n in nested recursive %}{% if n is iterable %}[{{ loop(n) }}]{% else %}{{ n }}@{{ loop.depth }}{% endif %}{% endfor %}',
    '{% for i in ints %}{{ loop.cycle("a", "b") }}{% endfor %}', '{% for i in ints %}{{ loop.changed(i) }} {% endfor %}', '{% for i in ints %}{{ loop.previtem|default("-") }}{{ loop.nextitem|default("-") }}{% endfor %}',
    '{% for i in ints %}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{% endfor %}', '{% for i in missing_one %}x{% endfor %}', '{% for i in one %}x{% endfor %}', '{% for i in nothing %}x{% endfor %}',
    '{% for i in word %}{{ i }}.{% endfor %}', '{% for a, b in [[1, 2], [3, 4]] %}{{ a }}{{ b }}{% endfor %}', '{% for a, b in [1] %}{{ a }}{% endfor %}', '{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}',
    '{% for (a, b), c in [[[1, 2], 3]] %}{{ a }}{{ b }}{{ c }}{% endfor %}', '{% set x = 1 %}{% for i in ints %}{% set x = i %}{% endfor %}{{ x }}', '{% set ns = namespace(x=0) %}{% for i in ints %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}',
    '{% set ns = namespace() %}{% set ns.a = [1] %}{{ ns.a }}', '{% set ns = namespace({"q": 1}, r=2) %}{{ ns.q }}{{ ns.r }}', '{% set ns.x = 1 %}', '{% set a = {} %}{% set a.b = 1 %}{{ a }}', '{% set a, b = 1, 2 %}{{ b }}{{ a }}',
    '{% set a = b = 1 %}', '{% set x %}block {{ one }}{% endset %}{{ x }}', '{% set x | upper %}block {{ one }}{% endset %}{{ x }}', '{% if one %}y{% elif two %}z{% else %}n{% endif %}', '{% if zero %}y{% elif one %}z{% else %}n{% endif %}',
    '{% if missing_one %}y{% endif %}', '{% if missing_one is defined %}y{% else %}n{% endif %}', '{% if not missing_one %}y{% endif %}', '{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=5, a=4) }}',
    '{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}', '{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, x=4) }}', '{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}', '{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}',
    '{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}in {{ one }}{% endcall %}', '{% macro m() %}{{ caller(7) }}{% endmacro %}{% call(x) m() %}got {{ x }}{% endcall %}', '{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}',
    '{% macro f(n) %}{{ n if n < 2 else n * f(n - 1)|int }}{% endmacro %}{{ f(5) }}', '{% macro m() %}{{ one }}{% endmacro %}{{ m().strip() }}', '{% macro m() %}[1, 2]{% endmacro %}{{ m()[0] }}', '{% macro m() %}{% endmacro %}{{ m.name }}{{ m.arguments }}',
    '{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(3) }}', '{% macro m(x) %}{% set y = x %}{{ y }}{% endmacro %}{{ m(1) }}{{ y|default("none") }}', '{% filter upper %}abc {{ word }}{% endfilter %}', '{% filter replace("a", "b")|upper %}aba{% endfilter %}',
    '{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a|default("x") }}', '{% with %}{% set qq = 1 %}{{ qq }}{% endwith %}{{ qq|default("gone") }}', '{% with a = 1, b = a %}{{ b }}{% endwith %}', '{% raw %}{{ x }}{% endraw %}',
    '{% do ints.append(9) %}{{ ints }}', '{% for i in ints %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}', '{% for i in ints %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}', '{% block a %}x{% endblock %}', '{% block a %}{{ one }}{% endblock a %}',
    '{% set x = 1 %}{% block a %}{{ x|default("no") }}{% endblock %}', '{% for i in ints %}{% block b scoped %}{{ i }}{% endblock %}{% endfor %}', '{% for i in ints %}{% block b %}{{ i|default("no") }}{% endblock %}{% endfor %}', '{{ self.a() }}{% block a %}A{% endblock %}',
    '{% autoescape true %}{{ html }}{% endautoescape %}', '{# comment #}x{# c2\n #}y', '{%- if true -%} x {%- endif -%} ', 'a {%- if true %} x {% endif -%} b', '  {%+ if true %}x{% endif %}\ny', '{% if true -%}\n  x\n{%- endif %}\n', '{% if true %}\nx\n{% endif %}\ny\n',
    '{{ one -}}  x', 'x  {{- one }}', '{{- one -}}', '{#- c -#} x', 'x {#- c #} y', '{% if true %}{% endif %}', '{% set x = [] %}{{ x }}', '{% set x = missing_one %}y', '{% set x = missing_one %}{{ x }}', '{% unknown %}', '{% if %}', '{% for %}', '{% endfor %}', '{% if true %}', '{% for i in ints %}',
    '{% else %}', '{{ one', '{% set', '}}', '%}', '{% raw %}', '{{ "{{" }}', '{{ "}}" }}', '{{ "%}" }}', "{{ '{%' }}", '{% if "%}" == "%}" %}x{% endif %}', '{%if one%}x{%endif%}', '{{one}}', '{{ one}}{{two|default(3)}}', 'a{{ none }}b', 'a{{ nothing }}b', '{{ nothing }}', '{{ none }}', 'text only {', '{ {', '{', '#}', '{#',
    '{% import "mac.j2" as m %}{{ m.hi("x") }}{{ m.answer }}', '{% from "mac.j2" import hi %}{{ hi("y") }}', '{% from "mac.j2" import hi as h, answer %}{{ h("y") }}{{ answer }}', '{% from "mac.j2" import nope %}{{ nope }}', '{% include "inc.j2" %}', '{% include "nope.j2" %}', '{% include "nope.j2" ignore missing %}x',
    '{% include ["nope.j2", "inc.j2"] %}', '{% set i = 5 %}{% include "inc.j2" %}', '{% include "inc.j2" without context %}', '{% for i in ints %}{% include "inc.j2" %}{% endfor %}', '{% extends "base.j2" %}{% block a %}child{% endblock %}', '{% extends "mid.j2" %}{% block b %}<{{ super() }}>{% endblock %}', 'x{% extends "base.j2" %}y',
    '{% extends "nope.j2" %}', '{% import "nope.j2" as m %}', '{% import "mac.j2" as m with context %}{{ m.ctx() }}', '{% import "mac.j2" as m %}{{ m.ctx() }}', '{% from "mac.j2" import ctx with context %}{{ ctx() }}', '{% import "mac.j2" as m %}{{ m.nope }}', '{% include "inc.j2" %}{{ leak|default("no leak") }}', '{{ tpl }}', '{{ tpl2 }}', '{{ tlist }}', '{{ tmap }}', '{{ tmap.k }}', '{{ badtpl }}', '{{ badtpl|default("d") }}',
    '{% set a = 1 if zero %}{{ a is defined }}', '{{ (1 if zero) }}', '{{ 1 if zero else none }}', '{% print 1 %}', '{% set x = 5 %}{% if true %}{% set x = 6 %}{% endif %}{{ x }}', '{% for x in [1] %}{% endfor %}{{ x|default("gone") }}',
    '{% set cls = "a" %}{{ cls }}{% set cls = "b" %}{{ cls }}', '{% for item in [1,2,3] if item is odd %}{{ loop.length }}{% endfor %}', '{% for i in ints|sort|reverse %}{{ i }}{% endfor %}', '{% for a in users|groupby("age") %}{{ a.grouper }}:{{ a.list|length }} {% endfor %}', '{% for g, l in users|groupby("age") %}{{ g }}{{ l|map(attribute="name")|join("+") }}{% endfor %}', '{% for b in ints|batch(2) %}{{ b }}{% endfor %}', '{% for s in ints|slice(2) %}{{ s }}{% endfor %}',
    '{% macro a() %}{% macro b() %}inner{% endmacro %}{{ b() }}{% endmacro %}{{ a() }}', '{% call missing_one() %}x{% endcall %}', '{% set x = namespace(l=[]) %}{% for i in ints %}{% set x.l = x.l + [i] %}{% endfor %}{{ x.l }}', '{% set l = [] %}{% for i in ints %}{% set _ = l.append(i) %}{% endfor %}{{ l }}', '{% set l = [] %}{% for i in ints %}{{ l.append(i) }}{% endfor %}{{ l }}', '{% for i in ints %}{{ i }}{% if loop.index == 2 %}{% set stop = true %}{% endif %}{% endfor %}{{ stop|default("unset") }}',
]


def statements(rnd):
    for text in STATEMENTS:
        for mode in ('value', 'native', 'file', 'file_lstrip'):
            yield mode, text, VARS
            yield mode, 'a\n  ' + text + '\n b\n', VARS
            yield mode, '\n' + text + '\n\n', VARS


def whitespace(rnd):
    pieces = ['{% if one %}', '{% endif %}', '{%- if one %}', '{% if one -%}', '{%- endif -%}', '{%+ if one %}', '{% if one +%}', '{{ one }}', '{{- one }}', '{{ one -}}', '{# c #}', '{#- c -#}', '{#+ c #}', '{% raw %}r{% endraw %}', '{%- raw -%} r {%- endraw -%}',
              '{% set x = 1 %}', ' ', '\n', '\t', 'a', '  \n  ', '\n\n', '\r\n', 'b ', '{{ word }}', '{% for i in ints %}', '{% endfor %}', '{%- endfor %}', '{{ i|default("") }}', '\n  ', '{% include "inc.j2" %}', '{##}', '\x0b', '\u00a0', '{{+ one }}']
    for _ in range(2500):
        depth, out = [], ''
        for _ in range(rnd.randint(2, 12)):
            piece = rnd.choice(pieces)
            if 'if one' in piece:
                depth.append('if')
            elif piece.startswith('{% for'):
                depth.append('for')
            elif 'endif' in piece or 'endfor' in piece:
                if not depth:
                    continue
                kind = depth.pop()
                piece = piece.replace('endif' if 'endif' in piece else 'endfor', 'end' + kind)
            out += piece
        for kind in reversed(depth):
            out += rnd.choice(['{%% end%s %%}', '{%%- end%s %%}', '\n{%% end%s -%%}\n', '  {%% end%s %%}\n']) % kind
        yield rnd.choice(['value', 'file', 'file_lstrip', 'native', 'file', 'file_lstrip']), out, VARS


def undefined(rnd):
    for text in MISSING:
        for form in ('{{ %s }}', '{{ %s|default("d") }}', '{{ %s is defined }}', '{{ %s is undefined }}', '{{ [%s] }}', '{{ {"a": %s} }}', '{{ %s|default(omit) }}', '{{ %s and 1 }}', '{{ 0 and %s }}', '{{ 1 or %s }}', '{{ %s or 1 }}', '{{ not %s }}', '{{ %s == 1 }}', '{{ %s|length }}', '{{ %s|string }}',
                     '{{ %s|list }}', '{{ %s ~ "x" }}', '{{ %s + 1 }}', '{{ "a" in %s }}', '{{ %s in [1] }}', '{{ %s.foo }}', '{{ %s["foo"] }}', '{{ %s.foo|default(1) }}', '{{ %s() }}', '{{ %s|map("int")|list }}', '{{ (%s).x.y is defined }}', '{{ [%s]|length }}', '{{ [%s, 1]|map("default", 2)|list }}', '{{ %s if true else 1 }}', '{{ 1 if true else %s }}',
                     '{{ %s|default }}', '{{ %s|d(none) }}', '{{ %s|mandatory }}', '{{ %s|bool }}', '{{ %s|int }}', '{{ %s|type_debug }}', '{{ %s is none }}', '{{ %s is string }}', '{{ %s is mapping }}', '{{ %s is iterable }}', '{{ %s is sequence }}', '{{ %s is number }}', '{{ %s is sameas none }}', '{{ %s is truthy }}', '{{ [1]|union(%s) }}', '{{ "x"|replace("x", %s) }}', '{%% set a = %s %%}{{ a is defined }}',
                     '{%% for i in %s|default([]) %%}{{ i }}{%% endfor %%}', '{%% if %s %%}a{%% endif %%}', '{{ %s|default(%s) }}', '{{ %s|default(%s)|default("x") }}', '{{ (%s|default({})).x|default("y") }}', '{{ %s|ternary(1, 2) }}', '{{ lookup("vars", "one", default=%s) }}', '{{ %s|to_json }}', '{{ [%s]|to_json }}', '{{ %s|first }}', '{{ none|default(%s) }}', '{{ dict(a=%s) }}', '{{ %s == %s }}', '{{ %s is eq 1 }}', '{{ %s is in [1] }}', '{{ %s|e }}', '{{ %s|upper }}'):
            for mode in ('value', 'native'):
                yield mode, form.replace('%s', text).replace('%%', '%'), VARS
        for form in ('%s', 'not %s', '%s is defined', '%s is not defined and true', '%s|default(false)', '%s == "x"', '%s or true', 'true or %s'):
            yield 'when', form % text, VARS
    for text in ("missing_one", "{{ missing_one }}", "{{ badtpl }}", "{{ self_ref }}", "{{ loop_a }}"):
        yield 'value', text, dict(VARS, self_ref='{{ self_ref }}', loop_a='{{ loop_b }}', loop_b='{{ loop_a }}')


def whens(rnd):
    conditions = ['one', 'zero', 'word', 'empty', 'none', 'nothing', 'ints', 'emap', 'one == 1', 'num == 42', 'num|int == 42', 'one > zero', 'word == "Hello"', "word in ['Hello']", "'a' in map", 'map.a', 'not one', 'one and zero', 'one or missing_one', 'yes_', 'no_', 'truthy', 'truthy|bool', 'tpl', 'tpl == 1', 'tpl == "1"', "tpl|int == 1", '{{ one }}', '{{ one == 1 }}',
                  '{{ word }}', '"{{ word }}" == "Hello"', '{{ word }} == "Hello"', "word == '{{ word }}'", 'True', 'False', 'true', 'false', 'yes', 'no', '1', '0', '', ' ', '[]', '[1]', '{}', "'false'", "'no'", '"0"', '0.0', 'word is match("H")', 'one is defined', 'missing_one is defined', 'missing_one is not defined', 'one == 1 and (zero or word)', "'x' == 'x'", 'users|length > 2',
                  "users|selectattr('on')|list|length == 2", "(ints|max) == 3", 'pi > 3', '1 in ints', 'one in [1,\n 2]', 'one ==', 'one = 1', '(one', 'one)', '{% if one %}true{% endif %}', '{% if one %}true{% else %}false{% endif %}', 'badtpl', 'badtpl is defined', 'tricky', 'json', 'key', 'map[key]', "map[key] == 1", 'lookup("env", "HOME") != ""', "hosts['web'].port == 80",
                  'map', 'pi', 'half', 'tiny', 'uni', 'path is abs', "ver is version('1.9', '>=')", 'one | bool', 'nothing is none', 'none_list', 'None', 'none == none', 'not none', "'True'", "'False'", 'fnum|float > 3', 'one|string == "1"', 'not (one and zero)', 'one and not zero', 'yes_ == true', "yes_ == 'True'", 'omit_x|default(omit)', 'word.startswith("He")', 'word | length', 'lines', 'tmap.k == "42"', 'tmap.k == 42', 'tlist[0] == 1', 'tlist[0] == "1"', "tpl2 == 'Hello-1'"]
    for condition in conditions:
        yield 'when', condition, VARS
        yield 'when', [condition], VARS
        yield 'when', [condition, 'one'], VARS
        yield 'when', 'not (%s)' % condition, VARS
        yield 'when', '(%s) and one' % condition, VARS
        yield 'when', '{{ %s }}' % condition, VARS
    for value in (True, False, 1, 0, None, 2.5, [], [True, False], [True], ['one', 'zero'], {}, {'a': 1}, [[True]], [None], ['']):
        yield 'when', value, VARS
    for name in NAMES:
        yield 'when', name, VARS
        yield 'when', '%s == %s' % (name, rnd.choice(NAMES)), VARS


def natives(rnd):
    for atom in ATOMS + MISSING[:2]:
        for form in ('{{ %s }}', '{{ %s }}x', '{{ %s }}{{ one }}', ' {{ %s }}', '{{ %s }} ', '{{ %s }}\n', '\n{{ %s }}', '{{ %s|string }}', '{{ [%s] }}', '{%% set x = %s %%}{{ x }}', '{%% if true %%}{{ %s }}{%% endif %%}', '{%% for i in [1] %%}{{ %s }}{%% endfor %%}', '{{ %s|default("d") }}', '{%% macro m() %%}{{ %s }}{%% endmacro %%}{{ m() }}', "'{{ %s }}'", '[{{ %s }}]',
                     '{{ %s ~ "" }}', '-{{ %s }}', '{{ %s }},{{ %s }}', '{{ (%s)|to_json }}', '{%% set x %%}{{ %s }}{%% endset %%}{{ x }}', '{# c #}{{ %s }}', '{{ %s }}{# c #}', '{{ "" }}{{ %s }}', '{{ %s|list }}', '{{ %s|int }}', '{%% filter trim %%}{{ %s }}{%% endfilter %%}', '{{ {"k": %s} }}', '{{ %s|quote }}', '{{ %s|b64encode }}', '{{ %s|to_nice_json }}', '{{ %s|to_yaml }}'):
            yield 'native', form.replace('%s', atom).replace('%%', '%'), VARS


def data(rnd):
    def tree(depth):
        kind = rnd.randint(0, 9 if depth else 5)
        if kind < 6:
            return rnd.choice(['{{ one }}', 'x{{ word }}', '{{ ints }}', 'plain', 5, None, True, 2.5, '{{ map }}', '{{ nothing }}', '{{ tpl2 }}', '{{ users[0] }}', '', '{{ missing_one|default("m") }}', '{{ "[1]" }}', '{{ num }}', '{{ yes_ }}'])
        if kind < 8:
            return [tree(depth - 1) for _ in range(rnd.randint(0, 4))]
        return {rnd.choice(['a', 'b', 'c', '{{ key }}', '{{ one }}', 'long key', '1']): tree(depth - 1) for _ in range(rnd.randint(0, 4))}
    for _ in range(600):
        yield rnd.choice(['value', 'native']), tree(3), VARS
    for _ in range(400):
        yield rnd.choice(['value', 'native']), '{{ v }}', dict(VARS, v=tree(3))
        yield rnd.choice(['value', 'native']), rnd.choice(['{{ v|to_json }}', '{{ v|string }}', 'x {{ v }}', '{{ v|length }}', '{{ [v] }}', '{{ v|type_debug }}', '{{ v|to_nice_yaml }}', '{{ v|pprint }}', '{{ v|to_yaml }}']), dict(VARS, v=tree(3))


def escapes(rnd):
    strings = ["'a\\nb'", "'a\\\\nb'", "'\\d+'", "'\\\\d+'", "'\\1'", "'\\t|'", '"\\""', "'\\''", "'\\x41'", "'\\u00e9'", "'\\N'", "'\\\\'", "'a\\'", "'\\/'", "'\\101'", "'\\\n'", "'{{ x }}'", "'\\g<1>'"]
    for s in strings:
        for mode in ('value', 'native', 'file', 'when'):
            body = '%s' if mode == 'when' else '{{ %s }}'
            yield mode, body % (s + '|length' if mode != 'when' else s + '|length > 2'), VARS
            if mode != 'when':
                for form in ('{{ %s }}', '{%% set q = %s %%}{{ q }}', '{%% if %s %%}{{ %s }}{%% endif %%}', '{{ back|regex_replace(%s, "R") }}', '{{ "a1b22"|regex_replace(%s, "-") }}', 'a\\n{{ %s }}\\t', '{{ [%s] }}', "{{ 'x'|regex_replace('(x)', %s) }}", '{{ lookup("vars", "one") ~ %s }}'):
                    yield mode, form.replace('%s', s).replace('%%', '%'), VARS
    for text in ('a\\nb', '\\', '\\\\', 'c:\\dir\\{{ word }}', '{{ back }}', '{{ back|replace("\\\\", "/") }}', "{{ 'a.b'|regex_escape }}", '{{ "\\\\" }}', "{% raw %}\\n{% endraw %}"):
        for mode in ('value', 'native', 'file'):
            yield mode, text, VARS


def dates(rnd):
    for form in ('%Y-%m-%d', '%d/%m/%y', '%H:%M:%S', '%j', '%A %a', '%B %b', '%I %p', '%U %W', '%%', '%y%m%d', '%Y-%m-%dT%H:%M:%S', '%s', '%c', '%x', '%X', '%e', '%D', '%F', '%T', '%G-%V', '%u %w', '%Z', '%z', '%f', '%q'):
        for second in (0, 1700000000, 1709212455, -1, 1e9, 951782400.75, "'1700000000'", "'x'"):
            yield 'value', '{{ "%s"|strftime(%s) }}' % (form, second), VARS
            yield 'value', '{{ "%s"|strftime(%s, utc=true) }}' % (form, second), VARS
    for left, right in itertools.product(("'2024-02-29 13:14:15'", "'2023-12-31 00:00:00'", "'2024-13-01 00:00:00'", "'x'", 'date'), ("'2024-01-01 00:00:00'", "'1970-01-01 00:00:00'")):
        for tail in ('', '.days', '.seconds', '.total_seconds()', '|string', '|type_debug'):
            yield 'value', '{{ ((%s|to_datetime) - (%s|to_datetime))%s }}' % (left, right, tail), VARS
    for text in ("{{ (date|to_datetime).year }}", "{{ (date|to_datetime).strftime('%d.%m') }}", "{{ ('2024-01-02'|to_datetime('%Y-%m-%d')).isoformat() }}", "{{ date|to_datetime }}", "{{ (date|to_datetime).weekday() }}", "{{ (date|to_datetime).timestamp() }}", "{{ (date|to_datetime) < ('2025-01-01 00:00:00'|to_datetime) }}", "{{ (date|to_datetime).month }}{{ (date|to_datetime).day }}{{ (date|to_datetime).hour }}{{ (date|to_datetime).minute }}",
                 "{{ (date|to_datetime).date() }}", "{{ (date|to_datetime).time() }}", "{{ (date|to_datetime).isocalendar() }}", "{{ (date|to_datetime).replace(year=2000) }}", "{{ '10:11'|to_datetime('%H:%M') }}", "{{ 'Feb 03 2021'|to_datetime('%b %d %Y') }}", "{{ '2021-02-03T04:05:06+0100'|to_datetime('%Y-%m-%dT%H:%M:%S%z') }}"):
        yield 'value', text, VARS
        yield 'native', text + '', VARS


def regexes(rnd):
    patterns = ['a', '.', '^', '$', '[a-z]+', '(a)(b)?', '(?i)A', '(?P<n>\\\\w)', '\\\\bfoo\\\\b', 'a{2}', '(a|b)+', '[^a]', '\\\\s+', '\\\\d', '(?:x)', '(?=b)', '(?<!a)b', 'x*', '\\\\.', '^.*$', '(?m)^b', '(?s).+', '(?x) a b', '[[]', '\\\\w+@\\\\w+', '(', '[', '*', '\\\\Z', '\\\\A', '(?P=n)', '(\\\\w)\\\\1', '\\\\u00e9', 'é', '[à-ü]', '\\\\W', '$^', '(?#c)a', 'a??', 'a++']
    subjects = ["'abc'", "'aab foo bar'", "'a\\nb\\nc'", "''", "'Éé à'", "'x@y.z'", "'aa'", "'foo'", "'a.b'", 'text', 'one', 'none', 'uni', 'ints']
    replacements = ["'X'", "''", "'\\\\1'", "'\\\\g<0>'", "'[\\\\g<n>]'", "'\\\\2-\\\\1'", "'\\\\n'", "'$1'", "'\\\\'", "'\\\\9'", "'&'"]
    for p, s in itertools.product(patterns, subjects):
        kind = rnd.randint(0, 3)
        if kind == 0:
            yield 'file', "{{ %s|regex_replace('%s', %s%s) }}" % (s, p, rnd.choice(replacements), rnd.choice(['', ', ignorecase=True', ', multiline=True'])), VARS
        elif kind == 1:
            yield 'file', "{{ %s|regex_findall('%s'%s) }}" % (s, p, rnd.choice(['', ', multiline=True', ', ignorecase=True'])), VARS
        elif kind == 2:
            yield 'file', "{{ %s|regex_search('%s'%s) }}" % (s, p, rnd.choice(['', ", '\\\\\\\\1'", ", '\\\\\\\\g<n>'", ', multiline=True', ", '\\\\\\\\1', '\\\\\\\\2'", ", 'x'"])), VARS
        else:
            yield 'file', "{{ %s is %s('%s'%s) }}" % (s, rnd.choice(['match', 'search', 'regex']), p, rnd.choice(['', ', ignorecase=True', ', multiline=True'])), VARS
    for p, r in itertools.product(patterns[:20], replacements):
        yield 'file', "{{ 'abc foo aab'|regex_replace('%s', %s) }}" % (p, r), VARS


def lookups(rnd):
    texts = ["lookup('env', 'HOME')", "lookup('env', 'NOPE_X')", "lookup('env', 'NOPE_X', default='d')", "query('env', 'HOME', 'NOPE_X')", "lookup('file', 'one.txt')", "lookup('file', 'nope.txt')", "lookup('file', 'one.txt', rstrip=False)", "lookup('file', 'pad.txt', lstrip=True)", "query('file', 'one.txt', 'pad.txt')", "lookup('file', 'one.txt', 'pad.txt')", "lookup('file', 'nope.txt', errors='ignore')", "query('file', 'nope.txt', errors='ignore')", "lookup('file', 'data.json')|from_json", "lookup('template', 'tpl.j2')", "lookup('template', 'list.j2')", "lookup('template', 'list.j2', convert_data=False)",
             "lookup('template', 'tpl.j2', template_vars={'extra': 5})", "lookup('pipe', 'echo hi')", "lookup('pipe', 'printf \"a\\nb\\n\"')", "lookup('pipe', 'exit 3')", "lookup('lines', 'printf \"a\\nb\\n\"')", "query('lines', 'printf \"a\\nb\\n\"')", "lookup('items', [1, [2, 3]], 4)", "query('items', [1, [2, [3]]], 4)", "query('dict', map)", "lookup('dict', {'a': 1})", "lookup('dict', {'a': 1, 'b': 2})", "query('dict', 'x')", "query('list', [1, 2], 3)", "lookup('list', 'a', 'b')", "query('sequence', 'start=1 end=5')", "query('sequence', 'start=0 end=10 stride=5 format=x%02d')", "query('sequence', 'count=3')", "query('sequence', start=1, end=3)", "query('sequence', '5')", "query('sequence', '5-8')",
             "query('sequence', '2-10/2')", "query('sequence', '4:host%02d')", "query('sequence', 'start=5 end=1')", "query('sequence', 'start=5 end=1 stride=-1')", "query('sequence', 'count=0')", "query('sequence', 'start=0x0f00 count=4 format=%04x')", "lookup('sequence', 'end=3')", "lookup('sequence', 'bogus=3')", "query('subelements', users, 'tags')", "query('subelements', users, 'nope')", "query('subelements', users, 'nope', {'skip_missing': True})", "query('subelements', hosts, 'ip')", "query('nested', [1, 2], ['a', 'b'])", "query('nested', [1, 2])", "query('nested')", "query('cartesian', [1, 2], ['a'])", "query('together', [1, 2], ['a', 'b'])", "query('together', [1, 2], ['a'])", "query('together')", "query('indexed_items', ['a', 'b'])",
             "query('flattened', [1, [2, [3]]], [4])", "query('random_choice', [7])", "lookup('vars', 'one')", "lookup('vars', 'tpl2')", "lookup('vars', 'nope')", "lookup('vars', 'nope', default='d')", "query('vars', 'one', 'word')", "lookup('vars', 'map')", "lookup('vars', 5)", "query('varnames', '^t')|sort", "query('varnames', '^one$', 'word')|sort", "lookup('varnames', '^one$')", "query('varnames', 5)", "lookup('csvfile', 'bob file=t.csv delimiter=,')", "lookup('csvfile', 'bob', file='t.csv', delimiter=',', col=2)", "lookup('csvfile', 'zed', file='t.csv', delimiter=',', default='none')", "lookup('csvfile', 'zed', file='t.csv', delimiter=',')", "lookup('csvfile', 'eve', file='t.csv', delimiter=',', col='1')", "lookup('csvfile', 'k', file='t.tsv')",
             "lookup('ini', 'user', section='db', file='t.ini')", "lookup('ini', 'nope', section='db', file='t.ini', default='d')", "lookup('ini', 'nope', section='db', file='t.ini')", "lookup('ini', 'user', section='nope', file='t.ini')", "lookup('ini', 'user section=db file=t.ini')", "query('ini', '.*', section='db', file='t.ini', re=True)", "lookup('ini', 'multi', section='db', file='t.ini')", "lookup('ini', 'expand', section='db', file='t.ini')", "lookup('ini', 'a.b', type='properties', file='t.properties')", "lookup('first_found', 'nope.txt', 'one.txt')|basename", "lookup('first_found', ['nope', 'x'])", "lookup('first_found', ['nope', 'x'], skip=True)", "query('first_found', {'files': ['one.txt'], 'paths': ['files', 'nope']})|map('basename')|list", "lookup('first_found', files=['zz', 'one.txt'])|basename",
             "query('first_found', {'files': 'zz,one.txt', 'skip': true})|map('basename')|list", "lookup('fileglob', 'one*.txt')|basename", "query('fileglob', 'nope*')", "query('fileglob', 'files/one*')|map('basename')|list", "lookup('unvault', 'one.txt')", "lookup('config', 'DEFAULT_BECOME_USER')", "lookup('config', 'DEFAULT_FORKS', 'DEFAULT_TIMEOUT')", "lookup('config', 'NOPE_SETTING')", "lookup('config', 'NOPE_SETTING', on_missing='skip')", "query('config', 'DEFAULT_ROLES_PATH')", "lookup('nope_lookup', 1)", "lookup('ansible.builtin.env', 'HOME')", "query('ansible.builtin.dict', {'a': 1})", "lookup('password', '/dev/null length=5 chars=digits')|length", "lookup('password', '/dev/null', length=7)|length", "lookup('password', '/dev/null chars=a,b length=4')|length", "lookup('items', [1, 2], wantlist=True)",
             "lookup('list', [1])", "lookup('list', ['a'])", "lookup('list', [['a', 'b']])", "lookup('list', [])", "query('url', 'file:///nope/x')", "lookup('inventory_hostnames', 'all')", "q('items', 'a', 'b')", "lookup('env')", "lookup()", "lookup('file')", "lookup('env', none)", "lookup('env', missing_one)", "lookup('file', word)", "query('dict', map)|map(attribute='key')|list", "lookup('dict', map).key", "lookup('dict', users)", "lookup('items', users|map(attribute='name')|list)", "lookup('pipe', 'pwd')|basename", "lookup('template', 'nope.j2')", "lookup('template', 'inc.j2')"]
    for text in texts:
        for mode in ('value', 'native', 'file'):
            yield mode, '{{ %s }}' % text, VARS
            yield mode, 'x {{ %s }}' % text, VARS
            yield mode, '{{ [%s] }}' % text, VARS
        yield 'when', "(%s) == 'x'" % text, VARS


def overrides(rnd):
    for head in ('#jinja2: trim_blocks:False', '#jinja2:lstrip_blocks: True', '#jinja2: trim_blocks: False, lstrip_blocks: True', "#jinja2:variable_start_string:'[%', variable_end_string:'%]'", "#jinja2: block_start_string:'<%', block_end_string:'%>'", "#jinja2:comment_start_string:'/*', comment_end_string:'*/'", "#jinja2: newline_sequence:'\\r\\n'", '#jinja2:keep_trailing_newline:True',
                 '#jinja2: bad', '#jinja2: trim_blocks', '#jinja2: nope:True', "#jinja2: line_statement_prefix:'%%'", "#jinja2: line_comment_prefix:'##'", '#jinja2:', ' #jinja2: trim_blocks:False', '#jinja2: trim_blocks:false', "#jinja2: variable_start_string: '<<', variable_end_string: '>>', trim_blocks: False"):
        for body in ('{% if one %}\n  x\n{% endif %}\ny\n', '[% one %] {{ one }}\n', '<% if one %>a<% endif %>{% if one %}b{% endif %}\n', 'a/* c */b{# d #}\n', 'a\nb\n', '   {% if one %}\n{{ word }}\n   {% endif %}\n', 'x', '%% if one\ny\n%% endif\n', 'a ## c\nb', '<< one >>\n'):
            for mode in ('file', 'value', 'file_lstrip'):
                yield mode, head + '\n' + body, VARS


def unicode_(rnd):
    words = ['Straße', 'ÉCOLE', 'ǅungla', 'ﬁn', 'İstanbul', 'ΑΣ', 'ого', '日本', '☃', '😀a', 'e\u0301', 'ñandú', 'ŉ', 'Ω', 'ß', 'Ⅷ', 'ⓐ', 'ά', 'ᾳ', 'ა', 'Ა', '𝐀', 'ı', 'ſ', 'Å', 'ǰ', 'ΐ', 'և', 'ﬀ', '½', '٣', '²']
    for w in words:
        for f in ('upper', 'lower', 'title', 'capitalize', 'length', 'reverse', 'urlencode', 'to_json', 'b64encode', 'list', 'center(9)', 'truncate(2, true, "", 0)', 'wordcount', 'quote', 'hash("md5")', 'e', 'sort', 'first', 'last', 'to_yaml', 'regex_replace("\\\\w", "x")', 'regex_findall(".")', 'to_nice_json', 'indent', 'string', 'pprint', 'striptags'):
            yield rnd.choice(['value', 'native']), '{{ x|%s }}' % f, {'x': w}
        for m in ('isalpha()', 'isupper()', 'islower()', 'isdigit()', 'isnumeric()', 'isdecimal()', 'isalnum()', 'istitle()', 'swapcase()', 'casefold()', 'isidentifier()', 'isprintable()', 'encode()', 'center(8, "é")', 'ljust(6)', 'zfill(5)'):
            yield 'value', '{{ x.%s }}' % m, {'x': w}


def networks(rnd):
    addresses = ['192.168.1.10/24', '192.168.1.0/24', '10.0.0.1', '::1', '2001:db8::1/64', 'fe80::1', '256.1.1.1', 'x', '', '192.168.1.1/255.255.255.0', '172.16.0.0/12', '8.8.8.8/32', '0.0.0.0/0', '2001:db8::/32', '::ffff:10.1.2.3', '10.0.0.0/30', '10.0.0.0/31', '224.0.0.1', '127.0.0.1', '169.254.1.1/16', '1234', 1234, True, None, '192.168.1.1-192.168.1.5', 'host', '10.1.2.3/33', ' 10.0.0.1 ']
    queries = ['', 'address', 'network', 'netmask', 'prefix', 'host', 'hostmask', 'broadcast', 'size', 'subnet', 'net', 'bool', 'int', 'ip', 'ipv4', 'ipv6', 'version', 'type', 'private', 'public', 'revdns', 'range_usable', 'first_usable', 'last_usable', 'next_usable', 'previous_usable', 'ip/prefix', 'ip_netmask', 'address/prefix', 'gateway', 'gw', 'host/prefix', 'hostnet', 'router',
               '192.168.0.0/16', '10.0.0.0/8', 'link-local', 'loopback', 'lo', 'multicast', 'unicast', 'wildcard', 'cidr', 'cidr_lookup', 'network/prefix', 'network_netmask', 'network_wildcard', 'network_id', 'last', '0', '1', '-1', '6to4', 'v4', 'v6', 'peer', 'ip_wildcard', 'positive', 'nope', 'ipaddr']
    for q in queries:
        args = '' if not q else "(%s)" % (q if q.lstrip('-').isdigit() else repr(q))
        for a in addresses:
            yield 'value', '{{ a|ansible.utils.ipaddr%s }}' % args, {'a': a}
        yield 'value', '{{ a|ansible.utils.ipaddr%s }}' % args, {'a': addresses[:13]}
    for f in ('ipv4', 'ipv6', "ipv4('address')", "ipv6('prefix')", 'ipwrap', 'ipsubnet', 'ipsubnet(28)', 'ipsubnet(28, 0)', 'ipsubnet(28, -1)', "ipsubnet('192.168.0.0/16')", "ipsubnet('192.168.1.77/32')", 'ipsubnet(20)', 'ipsubnet(64, 1)', 'ipmath(5)', 'ipmath(-5)', 'nthhost(3)', 'nthhost(-1)', 'next_nth_usable(2)', 'previous_nth_usable(2)', "network_in_usable('192.168.1.3')", "network_in_network('192.168.1.0/25')", "reduce_on_network('10.0.0.0/8')",
              'usable_range', 'ip4_hex', "ip4_hex(':')", 'hwaddr', 'macaddr', 'slaac("00:11:22:33:44:55")', "ipv4('net')", 'cidr_merge'):
        for a in addresses:
            yield 'value', '{{ a|ansible.utils.%s }}' % f, {'a': a}
        yield 'value', '{{ a|ansible.utils.%s }}' % f, {'a': addresses[:10]}
    for m in ('00:11:22:33:44:55', '00-11-22-33-44-55', '0011.2233.4455', '001122334455', 'x', '0:1:2:3:4:5', 'AA:BB:CC:DD:EE:FF', '11:22', 1, ''):
        for f in ("hwaddr", "hwaddr('linux')", "hwaddr('cisco')", "hwaddr('unix')", "hwaddr('bare')", "hwaddr('bool')", "hwaddr('int')", "hwaddr('eui48')", "hwaddr('pgsql')", "hwaddr('postgresql')", "hwaddr('psql')", "hwaddr('win')", "hwaddr('nope')", "hwaddr('cisco')|upper", 'macaddr', "macaddr('unix')"):
            yield 'value', '{{ a|ansible.utils.%s }}' % f, {'a': m}
    for items in (['10.0.0.0/24', '10.0.1.0/24'], ['10.0.0.0/25', '10.0.0.128/25', '10.0.2.0/24'], ['10.0.0.1', '10.0.0.2'], ['192.168.0.1', '192.168.0.9'], []):
        for f in ('cidr_merge', "cidr_merge('span')", "cidr_merge('merge')", "cidr_merge('x')", "reduce_on_network('10.0.0.0/24')"):
            yield 'value', '{{ a|ansible.utils.%s }}' % f, {'a': items}


SAFE_FILTERS = ["default('d')", "default('d', true)", 'list', 'first', 'last', 'length', 'string', 'int', 'float', 'bool', 'upper', 'sort', 'unique', "join('-')", 'to_json', 'abs', 'round(1)', 'sum', 'max',
                'min', 'reverse', 'title', 'trim', "replace('a', 'b')", 'type_debug', 'dict2items', 'flatten', "ternary('y', 'n')", 'quote', "split('e')", 'map("string")|list', 'select("string")|list',
                "combine({'z': 1})", 'to_nice_yaml', 'hash("md5")', "regex_replace('[aeiou]', '#')", 'b64encode', 'capitalize', 'tojson', 'items|list', 'mandatory', "center(12)", 'e', 'wordcount', "batch(2)|list"]
SAFE_TESTS = ['defined', 'undefined', 'none', 'string', 'number', 'iterable', 'mapping', 'sequence', 'odd', 'even', 'true', 'false', 'boolean', 'integer', 'float', 'truthy', 'falsy', 'sameas none', "eq('a')",
              'in [1, "a", none]', "match('[a-zA-Z]')", "search('e')", 'divisibleby 2', 'lower', 'upper', 'contains 1', "version('1.5', '<')", 'subset([1, 2, 3])', 'any', 'all']


def expression(rnd, depth, names):
    def sub():
        return expression(rnd, depth - 1, names)
    kind = rnd.randint(0, 13) if depth > 0 else 0
    if kind <= 2:
        return rnd.choice(names + LITERALS + ['missing_one', 'map.a', 'map.b[0]', 'users[0].name', 'hosts.web.ip', 'nested[0][1]', 'map.nope', 'word[1]', 'ints[-1]', 'text.split()', "map.get('q', 5)", 'word.lower()'])
    if kind <= 5:
        return '%s|%s' % (sub() if rnd.random() < 0.6 else '(%s)' % sub(), rnd.choice(SAFE_FILTERS))
    if kind == 6:
        return '(%s) is %s%s' % (sub(), rnd.choice(['', 'not ']), rnd.choice(SAFE_TESTS))
    if kind <= 8:
        return '(%s) %s (%s)' % (sub(), rnd.choice(BINARY), sub())
    if kind == 9:
        return '(%s if %s else %s)' % (sub(), sub(), sub())
    if kind == 10:
        return '[%s]' % ', '.join(sub() for _ in range(rnd.randint(0, 3)))
    if kind == 11:
        return '{%s}' % ', '.join('"%s": %s' % (rnd.choice('abc'), sub()) for _ in range(rnd.randint(0, 2)))
    if kind == 12:
        return '(%s)[%s]' % (sub(), rnd.choice(['0', '-1', ':2', '::-1', '"a"', '1:', 'one']))
    return '%s%s' % (rnd.choice(['-', 'not ', '+', '- ', 'not not ']), sub())


def expressions(rnd):
    for _ in range(3000):
        mode = rnd.choice(['value', 'value', 'native', 'file', 'when'])
        text = expression(rnd, rnd.randint(1, 4), NAMES)
        form = rnd.choice(['{{ %s }}', '{{ %s }}', 'x{{ %s }}', '{%% if %s %%}y{%% else %%}n{%% endif %%}',
                           '{%% set v = %s %%}{{ v }}|{{ v|type_debug }}'])
        yield mode, text if mode == 'when' else form.replace('%s', text).replace('%%', '%'), VARS


def block(rnd, depth, names):
    def sub(more=()):
        return ''.join(block(rnd, depth - 1, names + list(more)) for _ in range(rnd.randint(1, 3)))

    def some(levels=1):
        return expression(rnd, levels, names)
    kind = rnd.randint(0, 13) if depth > 0 else rnd.randint(0, 3)
    sign = rnd.choice(['', '', '', '-'])
    newline = rnd.choice(['', '\n', '\n  ', ' '])
    if kind <= 1:
        return rnd.choice(['text', 'a\n', '  b ', '\n\n', '\tc', '{# note #}', '- item\n'])
    if kind <= 3:
        return '{{ %s }}%s' % (some(), newline)
    if kind <= 5:
        return '{%' + sign + ' if ' + some(2) + ' %}' + newline + sub() + '{%' + sign + ' else %}' + sub() + '{% endif ' + sign + '%}' + newline
    if kind <= 8:
        items = rnd.choice(['ints', 'words', 'users', 'map', 'range(3)', 'nested', 'none', 'map.items()', 'text.split()', some()])
        test = rnd.choice(['', '', ' if i', ' if i is string'])
        inner = sub(['i', 'loop.index', 'loop.first', 'loop.length', 'loop.previtem'])
        return '{%' + sign + ' for i in ' + items + test + ' %}' + newline + inner + '{% if not loop.last %},{% endif %}{%' + sign + ' endfor %}' + newline
    if kind == 9:
        return '{% set v = ' + some(2) + ' %}' + newline + '{{ v }}'
    if kind == 10:
        return '{% set w %}' + sub() + '{% endset %}{{ w|length }}{{ w|type_debug }}' + newline
    if kind == 11:
        return '{% macro m(p, r=' + some() + ') %}' + sub(['p', 'r']) + '{% endmacro %}{{ m(' + some() + ') }}{{ m(' + some() + ', r=' + some() + ') }}'
    if kind == 12:
        return '{% filter ' + rnd.choice(['upper', 'trim', 'indent(2)', "replace('a', 'A')", 'length']) + ' %}' + sub() + '{% endfilter %}'
    return '{% with y = ' + some() + ' %}' + sub(['y']) + '{{ y }}{% endwith %}'


def programs(rnd):
    for _ in range(2000):
        yield rnd.choice(['value', 'file', 'file', 'file_lstrip', 'native']), ''.join(block(rnd, 3, NAMES) for _ in range(rnd.randint(1, 3))), VARS


QUERIES = ['a', 'a.b', 'users[*].name', 'users[0].name', 'users[-1]', "users[?age > `26`].name", "users[?on].name", "users[?name == 'bob']", 'users[].tags[]', 'users[*].tags', 'length(users)', 'keys(map)', 'values(map)', 'sort(users[*].name)', 'sort_by(users, &age)[*].name', 'max_by(users, &age).name', 'join(`,`, users[*].name)', "join(', ', users[*].name)",
           'users[*].{n: name, a: age}', 'users[*].[name, age]', 'map.*', 'map.c.d', 'hosts.*.ip', 'hosts.*.port | [0]', 'users[0:2].name', 'users[::2].name', 'users[::-1].name', 'to_string(map.a)', "to_number('5')", 'type(users)', 'not_null(nope, map.a)', 'contains(ints, `3`)', "contains(word, 'ell')", "starts_with(word, 'He')", "ends_with(word, 'lo')", 'reverse(ints)', 'sum(ints)', 'avg(ints)', 'min(ints)',
           'max(ints)', 'abs(`-3`)', 'ceil(`1.2`)', 'floor(`1.8`)', 'merge(map.c, `{"z": 1}`)', 'map(&name, users)', 'users[?contains(tags, `x`)].name', "users[?contains(tags, 'x')].name", "users[?age >= `25` && on].name", "users[?!on].name", "users[?age < `26` || name == 'bob'].name", '"a"', '@', 'nope', 'nope.x', 'users[9]', 'word[0]', '`[1, 2]`', "'raw'", 'users | length(@)',
           'users[', 'a..b', 'foo(', 'nofunc(a)', 'length(one)', 'nested[]', 'nested[][]', '[map.a, one]', '{x: one}', 'users[?name].age', "users[?tags[0] == 'x'].name", 'ints[?@ > `1`]', 'ints[1:]', '!one', 'one == one', 'ints == ints', 'users[*].nope', "group_by(users, &name)", 'to_array(one)', 'to_array(ints)', '*.a', 'users[?name != `bob`].name', "map.\"a\"", "users[*].name | [0]", "users[*].name | sort(@) | [-1]",
           "users[?(age > `26`)].name", '(users)[0].name', 'min_by(users, &age).name', "sort_by(users, &name)[].name", 'to_string(users[0])', "a || b", "nope || one", "one && word", "length('abc')", "users[?starts_with(name, 'b')].name", 'ints[-2:]']


def json_queries(rnd):
    plain = {k: v for k, v in VARS.items() if not k.startswith(('t', 'bad'))}
    for q in QUERIES:
        for mode in ('value', 'native'):
            yield mode, '{{ v|community.general.json_query(q) }}', {'v': plain, 'q': q}
        yield 'value', '{{ v|json_query(q) }}', {'v': plain['users'], 'q': q}


FAMILIES = [numbers, reprs, literals, filters, filter_chains, tests, methods, slices, operators, statements, whitespace, undefined, whens, natives, data, escapes, dates, regexes, lookups,
            overrides, unicode_, networks, json_queries, expressions, programs]
