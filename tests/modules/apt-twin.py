#!/usr/bin/env python3
# Twin roots: our apt module and Ansible's, step by step, in overlays of a Debian root with python3-apt and dpkg-dev.
#	ROOT=/path/to/root unshare -m --propagation private python3 apt-twin.py
import json, os, subprocess, sys, time, glob
LOW=os.environ['ROOT']
TOP=os.environ.get('TOP','/tmp/apt-twin')
said=subprocess.run(['ansible','--version'],text=True,capture_output=True).stdout
SITE=os.path.dirname([l.split('= ')[1] for l in said.splitlines() if 'module location' in l][0])
def sh(c, **k): return subprocess.run(['bash','-ec',c], text=True, capture_output=True, **k)
sh(f'mkdir -p {TOP}; mount -t tmpfs none {TOP}')
def setup(side):
    r=f'{TOP}/{side}'
    o=sh(f'''mkdir -p {r} {TOP}/u-{side} {TOP}/w-{side}
mount -t overlay overlay -o lowerdir={LOW},upperdir={TOP}/u-{side},workdir={TOP}/w-{side} {r}
mount -t proc proc {r}/proc; mount -t tmpfs none {r}/dev; mknod {r}/dev/null c 1 3; mknod {r}/dev/urandom c 1 9; mknod {r}/dev/tty c 5 0; mkdir {r}/dev/pts; chmod 666 {r}/dev/*
mkdir -p {r}/host {r}/site; mount --rbind / {r}/host --make-rslave; mount --bind {SITE} {r}/site
mkdir -p {r}/srv/own; printf '#!/bin/sh\\nexit 101\\n' >{r}/usr/sbin/policy-rc.d; chmod 755 {r}/usr/sbin/policy-rc.d
''')
    if o.returncode: print(o.stderr); sys.exit(1)
    return r
PK='''
pk() { # name version depends conffile
 d=/tmp/pk; rm -rf $d; mkdir -p $d/DEBIAN $d/usr/share/$1; echo "$2" >$d/usr/share/$1/v
 { echo "Package: $1"; echo "Version: $2"; echo "Architecture: all"; echo "Maintainer: a <a@b>"; [ -z "$3" ] || echo "Depends: $3"; [ -z "$5" ] || echo "Provides: $5"; echo "Description: x"; } >$d/DEBIAN/control
 [ -z "$4" ] || { mkdir -p $d/etc; echo "default $2" >$d/etc/$4; echo /etc/$4 >$d/DEBIAN/conffiles; }
 [ -z "$6" ] || { printf "#!/bin/sh\\n$6\\n" >$d/DEBIAN/postinst; chmod 755 $d/DEBIAN/postinst; }
 dpkg-deb -b $d /srv/own/$1_$2_all.deb >/dev/null; }
cd /srv/own
pk demo 1.0 "" demo.conf; pk demo 1.1 "" demo.conf; pk demo 2.0 "" demo.conf
pk demo-app 1.0 demo-lib; pk demo-lib 1.0; pk demo-virt 1.0 "" "" demo-virtual
pk demo-bad 1.0 "" "" "" "[ -e /ok-now ]"
pk demo-needs 1.0 no-such-thing-at-all
scan() { dpkg-scanpackages -m . 2>/dev/null >Packages; gzip -9kf Packages; }
scan
echo 'deb [trusted=yes] copy:/srv/own ./' >/etc/apt/sources.list.d/own.list
'''
def chroot(r, cmd, **k): return subprocess.run(['chroot', r, 'env','-i','PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin','HOME=/root','LC_ALL=C.UTF-8','sh','-c',cmd], text=True, capture_output=True, **k)
LD='/host/lib64/ld-linux-x86-64.so.2 --library-path /host/usr/lib/x86_64-linux-gnu:/host/lib/x86_64-linux-gnu:/host/usr/local/lib /host'+os.path.abspath(os.environ.get('RUN','build/tests/modules'))
MOD=os.environ.get('MOD','apt')
def run(side, r, args, check):
    if side=='ours':
        open(r+'/tmp/args.yml','w').write(json.dumps(args))
        o=chroot(r, f'{LD} {"-c" if check else "-p"} {MOD} /tmp/args.yml')
    else:
        a=dict(args); a['_ansible_check_mode']=check; a['_ansible_diff']=False
        if MOD=='apt': a.setdefault('lock_timeout', 60)
        open(r+'/tmp/args.json','w').write(json.dumps({'ANSIBLE_MODULE_ARGS':a}))
        o=chroot(r, f'PYTHONPATH=/site python3 -m ansible.modules.{MOD} /tmp/args.json')
    try: return json.loads(o.stdout.strip().splitlines()[-1] if o.stdout.strip() else '{}')
    except Exception: return {'failed':True,'msg':'NOJSON '+o.stdout[-300:]+o.stderr[-600:]}
def state(r): return chroot(r, "dpkg-query -W -f '${Package} ${Version} ${Status}\\n'; dpkg-query -W 'demo*' >/dev/null 2>&1; apt-mark showauto | sort").stdout
roots={s:setup(s) for s in ('ours','ansible')}
for r in roots.values():
    o=chroot(r, PK); 
    if o.returncode: print(o.stderr); sys.exit(1)
bad=0
def step(name, args, before=None, both=True):
    global bad
    out={}
    for s,r in roots.items():
        if before: chroot(r, before)
        t=time.time(); c=run(s,r,args,True); t1=time.time(); s0=None
        a=run(s,r,args,False); t2=time.time(); b=run(s,r,args,False)
        out[s]=(bool(c.get('changed')),bool(c.get('failed')),bool(a.get('changed')),bool(a.get('failed')),bool(b.get('changed')),bool(b.get('failed')))
        out[s+'t']=(t1-t,t2-t1); out[s+'m']=(c.get('msg'),a.get('msg'),b.get('msg')); out[s+'s']=state(r)
    same=out['ours']==out['ansible']
    if not same: bad+=1
    print(('same ' if same else 'DIFF ')+name, out['ours'], '' if out['ours']==out['ansible'] else out['ansible'], 't %.1f/%.1f vs %.1f/%.1f'%(out['ourst']+out['ansiblet']))
    if not same or out['ours'][1] or out['ours'][3]:
        print('   ours   ', str(out['oursm'])[:700]); print('   ansible', str(out['ansiblem'])[:700])
    d=set(out['ourss'].splitlines())^set(out['ansibles'].splitlines())
    if d!=globals().get('seen',set()):
        print('   STATE', sorted(d)); globals()['seen']=d
    if 0:
        import difflib; print('\n'.join(difflib.unified_diff(out['ourss'].splitlines(),out['ansibles'].splitlines(),lineterm='',n=0)))
exec(open(os.path.dirname(os.path.abspath(__file__))+'/apt-twin-steps.py').read())
print('bad', bad)
