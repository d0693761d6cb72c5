#!/usr/bin/python3
"""Writes lib/template/unicode_table.c from Python's own tables. usage: unicode.py FILE"""
import sys
import unicodedata

CODES = [c for c in range(0x110000) if not 0xd800 <= c < 0xe000]


def flags(code):
    char = chr(code)
    tests = (char.isalpha(), char.isdecimal(), char.isdigit(), char.isnumeric(), char.islower(), char.isupper(),
             char.istitle() and not char.isupper(), char.isspace(), char.isprintable(), char.isidentifier(),
             ('a' + char).isidentifier())
    return sum(1 << bit for bit, is_set in enumerate(tests) if is_set)


def runs():
    """(first code, flags); small and capital letters in turn are one run with flag 2048."""
    plain, last = [], None
    for code in range(0x110000):
        now = 0 if 0xd800 <= code < 0xe000 else flags(code)
        if now != last:
            plain.append((code, now))
            last = now
    out, i = [], 0
    while i < len(plain):
        j = i
        while j + 1 < len(plain) and plain[j + 1][0] - plain[j][0] == 1 and plain[j][1] ^ plain[j + 1][1] == 48 \
                and plain[j][1] & 48:
            j += 1
        if j - i >= 3:
            out += [(plain[i][0], plain[i][1] | 2048), plain[j]]
        else:
            j = i
            out.append(plain[i])
        i = j + 1
    return out


def cases(change):
    """Rows (first, last, step, delta), and what becomes several characters."""
    rows, special, row = [], [], None
    for code in CODES:
        result = change(chr(code))
        delta = ord(result) - code if len(result) == 1 else 0
        if len(result) > 1:
            special.append((code, [ord(c) for c in result]))
        if not delta:
            continue
        if row and row[3] == delta and (code - row[1] == row[2] or (row[0] == row[1] and code - row[1] <= 2)):
            if row[0] == row[1]:
                row[2] = code - row[1]
            row[1] = code
        else:
            row = [code, code, 1, delta]
            rows.append(row)
    return rows, special


def wrap(items):
    out, line = '', '\t'
    for item in items:
        if len(line) + len(item) > 97:
            out, line = out + line.rstrip() + '\n', '\t'
        line += item + ' '
    return out + line.rstrip() + '\n'


def table(kind, name, items):
    return 'const struct %s %s[] = {\n%s};\n' % (kind, name, wrap(items)) + \
        'const size_t %s_count = sizeof(%s) / sizeof(*%s);\n' % (name.removesuffix('s'), name, name)


def main():
    out = "/* Written by tests/template/unicode.py from Python's tables (Unicode %s): do not edit. */\n" \
        '#include "template/unicode.h"\n\n' % unicodedata.unidata_version
    out += table('unicode_run', 'unicode_runs', ['{%d,%d},' % run for run in runs()])
    specials = []
    for kind, (name, change) in enumerate((('lower', str.lower), ('upper', str.upper), ('title', str.title),
                                           ('fold', str.casefold))):
        rows, special = cases(change)
        out += '\n' + table('unicode_shift', 'unicode_' + name, ['{%d,%d,%d,%d},' % tuple(row) for row in rows])
        specials += [(code, kind, (result + [0, 0])[:3]) for code, result in special]
    out += '\n/* What becomes several characters: code, kind (enum unicode_case), and what it becomes. */\n'
    out += table('unicode_special', 'unicode_specials',
                 ['{%d,%d,{%d,%d,%d}},' % (code, kind, *result) for code, kind, result in sorted(specials)])
    open(sys.argv[1], 'w', encoding='utf-8').write(out)


main()
