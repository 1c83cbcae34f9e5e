import os
D='/work/wt/simtests/tests/scenario/'
class F:
    def __init__(s,n): s.p=D+n+'.scn'; s.t=open(s.p).read()
    def cut(s,*lines):
        for l in lines:
            assert s.t.count(l+'\n')==1,(s.p,l,s.t.count(l+'\n'))
            s.t=s.t.replace(l+'\n','')
        return s
    def before(s,anchor,text,n=0,of=None):
        parts=s.t.split(anchor); assert len(parts)>=2 and (of is None and len(parts)==2 or of==len(parts)-1),(s.p,anchor,len(parts)-1)
        i=-1
        for _ in range(n+1): i=s.t.index(anchor,i+1)
        s.t=s.t[:i]+text+'\n'+s.t[i:]; return s
    def after(s,anchor,text,n=0,of=None):
        c=s.t.count(anchor); assert (of is None and c==1) or of==c,(s.p,anchor,c)
        i=-1
        for _ in range(n+1): i=s.t.index(anchor,i+1)
        i=s.t.index('\n',i)+1
        s.t=s.t[:i]+text+'\n'+s.t[i:]; return s
    def rep(s,a,b,of=1):
        assert s.t.count(a)==of,(s.p,a,s.t.count(a)); s.t=s.t.replace(a,b); return s
    def end(s,text):
        s.t+=text+'\n'; return s
    def save(s): open(s.p,'w').write(s.t)
