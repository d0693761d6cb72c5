import unicodedata,sys
N=0x110000
def flags(c):
    ch=chr(c)
    if 0xd800<=c<0xe000: return 0
    f=0
    if ch.isalpha(): f|=1
    if ch.isdecimal(): f|=2
    if ch.isdigit(): f|=4
    if ch.isnumeric(): f|=8
    if ch.islower(): f|=16
    if ch.isupper(): f|=32
    if ch.istitle() and not ch.isupper(): f|=64
    if ch.isspace(): f|=128
    if ch.isprintable(): f|=256
    if ch.isidentifier(): f|=512
    if ('a'+ch).isidentifier(): f|=1024
    return f
runs=[];prev=None
for c in range(N):
    f=flags(c)
    if f!=prev: runs.append((c,f)); prev=f
print(len(runs),file=sys.stderr)
# alternate pairs: runs where LOWER/UPPER alternate each code: compress with a flag 2048 = alternates upper/lower by parity from start
out=[];i=0
while i<len(runs):
    j=i
    # sequence of single-length runs alternating f1,f2 with f1^f2 == 16|32
    while j+1<len(runs) and runs[j+1][0]-runs[j][0]==1 and (runs[j][1]^runs[j+1][1])==48 and runs[j][1]&48: j+=1
    if j-i>=3:
        out.append((runs[i][0],runs[i][1]|2048)); 
        # last run j might be longer than one: emit j separately
        out.append((runs[j][0],runs[j][1])); i=j+1
    else:
        out.append(runs[i]); i+=1
print(len(out),file=sys.stderr)
def cases(fn):
    rows=[];spec=[]
    cur=None
    for c in range(N):
        if 0xd800<=c<0xe000: continue
        r=fn(chr(c))
        if len(r)>1: spec.append((c,[ord(x) for x in r])); continue
        d=ord(r)-c
        if d==0: continue
        if cur and cur[3]==d and (c-cur[1]==cur[2] or (cur[0]==cur[1] and c-cur[1]<=2)):
            if cur[0]==cur[1]: cur[2]=c-cur[1]
            cur[1]=c
        else:
            if cur: rows.append(tuple(cur))
            cur=[c,c,1,d]
    rows.append(tuple(cur))
    return rows,spec
res={}
for name,fn in (('lower',str.lower),('upper',str.upper),('title',lambda s:s.title()),('fold',str.casefold)):
    res[name]=cases(fn); print(name,len(res[name][0]),len(res[name][1]),file=sys.stderr)
o='''/* Written by tests/template/unicode.py from Python's tables (Unicode %s): do not edit. */
#include "template/unicode.h"

const struct unicode_run unicode_runs[] = {
'''%unicodedata.unidata_version
def wrap(items):
    s='';line='\t'
    for it in items:
        if len(line)+len(it)+1>98: s+=line.rstrip()+'\n'; line='\t'
        line+=it+' '
    return s+line.rstrip()+'\n'
o+=wrap(['{%d,%d},'%r for r in out])+'};\nconst size_t unicode_run_count = sizeof(unicode_runs) / sizeof(*unicode_runs);\n'
for name in ('lower','upper','title','fold'):
    rows,spec=res[name]
    if name=='fold':
        low={}
        rows2=[]
        # only what differs from lower
    o+='\nconst struct unicode_shift unicode_%s[] = {\n'%name+wrap(['{%d,%d,%d,%d},'%r for r in rows])+'};\nconst size_t unicode_%s_count = sizeof(unicode_%s) / sizeof(*unicode_%s);\n'%(name,name,name)
o+='\n/* What becomes several characters: code, kind (lower, upper, title, fold), and what it becomes. */\nconst struct unicode_special unicode_specials[] = {\n'
sp=[]
for k,name in enumerate(('lower','upper','title','fold')):
    for c,r in res[name][1]:
        sp.append((c,k,(r+[0,0])[:3]))
sp.sort()
o+=wrap(['{%d,%d,{%d,%d,%d}},'%(c,k,*r) for c,k,r in sp])+'};\nconst size_t unicode_special_count = sizeof(unicode_specials) / sizeof(*unicode_specials);\n'
open('/work/wt-template/lib/template/unicode_table.c','w').write(o)
print(len(o),o.count('\n'),file=sys.stderr)
