import sys; sys.path.insert(0,'/tmp/st')
from edit import F
f=F('a-failed-call-is-no-reason-to-give-up')
f.cut('expect msp received no GET versions','expect ill received no * locations')
f.before('run roamhubctl party list --json','fence cpo to msp\nexpect msp received no GET versions')
# the last forward to ill
i=f.t.rindex('send cpo DE*CPO to FR*ILL GET locations DE/CPO/L1\nexpect 200 1000\n')
f.t=f.t[:i]+f.t[i:].replace('expect 200 1000\n','expect 200 1000\nexpect ill received GET locations\nexpect ill received no * locations\n',1)
f.save()
f=F('a-failed-callback-commits-nothing')
f.cut('expect other received no * *')
f.end('expect cpo received GET details\nexpect other received no * * beside cpo')
# claims must be behind the last act
f.t=f.t.replace('''register cpo at ${HUB} with ${TOKEN_CPO}
expect 200 1000
run roamhubctl''','''register cpo at ${HUB} with ${TOKEN_CPO}
expect 200 1000
expect cpo received GET details
expect other received no * * beside cpo
run roamhubctl''')
f.t=f.t.replace('expect at /parties size:1\nexpect cpo received GET details\nexpect other received no * * beside cpo\n','expect at /parties size:1\n')
f.save()
f=F('a-handshake-of-the-hub-that-fails-leaves-nothing')
f.cut('expect msp received no POST credentials','expect old received no POST credentials','expect hand received no POST *')
f.after('capture msp received at /token as B','expect msp received no POST credentials',0,2)
f.after('expect body ~2\\.2\\.1','run sh -c "roamhubctl party connect --name old --versions-url ${old.versions} --token ${OLD_A} 2>&1"\nexpect exit 1\nexpect old received GET versions\nexpect old received GET versions\nexpect old received no POST credentials')
f.end('expect hand received no POST *')
f.save()
f=F('a-partner-that-misbehaves-harms-nobody')
f.before('expect cpo received no GET * elsewhere','fence msp to cpo')
f.before('expect msp received no POST tokens U1/authorize','fence cpo to msp')
f.before('expect msp received no DELETE tariffs DE/CPO/T1','fence cpo to msp')
f.rep('''wait 500ms
send cpo DE*CPO to NL*MSP GET locations DE/CPO/L1
expect 200 1000
''','''try 30s
    send cpo DE*CPO to NL*MSP GET locations DE/CPO/L1
    expect 200 1000
end
''')
f.save()
f=F('a-party-goes-offline-and-comes-back')
f.cut('expect msp received no GET locations')
f.after('expect msp received GET locations DE/CPO/L1','expect msp received no GET locations',1,2)
f.save()
f=F('a-refusal-says-what-failed')
f.cut('expect msp received no GET * elsewhere')
i=f.t.index('say "The others roam all the while"')
f.t=f.t[:i]+f.t[i:].replace('expect msp received GET locations DE/CPO/L1\n','expect msp received GET locations DE/CPO/L1\nexpect msp received no GET * elsewhere\n')
f.rep('''up ill
wait 300ms
fault ill none
''','''up ill
fault ill none
try 30s
    send cpo DE*CPO to FR*ILL GET locations DE/CPO/L1
    expect 200 1000
end
fence cpo to ill
''')
f.save()
f=F('a-share-reaches-everybody-it-is-for')
f.rep('''expect deaf received no * locations
expect deaf received no * tariffs
expect deaf received no * tokens
''','''send cpo DE*CPO to IT*DEF GET tokens
expect 200 1000
expect deaf received GET tokens
expect deaf received no * locations
expect deaf received no * tariffs
expect deaf received no * tokens
''')
f.before('expect cpo received no * locations','fence msp to cpo other_cpo both\nfence cpo to msp two nsp misc both')
f.before('expect msp received no GET locations','fence cpo to msp two')
f.save()
f=F('a-slow-receiver-delays-nobody-else')
f.before('expect hangs has no locations DE/CPO/L1','expect hangs received PUT locations DE/CPO/L1')
f.before('expect hangs received no PATCH locations at /city 1','fence cpo to hangs')
f.save()
f=F('an-agreement-rules-who-roams-with-whom')
f.rep('''expect two received no * locations

say "So''','''run roamhubctl agreement add DE*CPO FR*TWO --modules tariffs --json
capture at /agreement as TARIFFS
fence cpo to two
expect two received no * locations

say "So''')
f.rep('expect two received no * tokens\n','fence cpo to two\nexpect two received no * tokens\nrun roamhubctl agreement remove ${TARIFFS}\n')
f.before('expect cpo received no * commands','fence msp to cpo')
f.save()
f=F('an-authorization-finds-who-knows-the-token')
f.before('expect two received no POST tokens\n','fence cpo to two three')
f.before('expect msp received no POST tokens\n','fence cpo to msp')
f.rep('''    expect three received no POST tokens U2/authorize body same
end
expect at /data/allowed ALLOWED
''','''    expect at /data/allowed ALLOWED
    fence cpo to three
    expect three received no POST tokens U2/authorize
end
''')
f.before('expect two received no POST tokens ALWAYS/authorize','fence cpo to two three')
f.save()
f=F('an-operator-suspends-resumes-and-removes')
f.cut('expect msp received no GET tariffs')
f.rep('expect cpo received no GET locations\n','',2)
f.rep('''send cpo DE*CPO to NL*MSP GET tariffs DE/CPO/T1
expect 404 2003
''','''send cpo DE*CPO to NL*MSP GET tariffs DE/CPO/T1
expect 404 2003
expect msp received GET tariffs DE/CPO/T1
expect msp received no GET tariffs
''')
f.rep('expect cpo received GET locations L1\n','expect cpo received GET locations L1\nexpect cpo received no GET locations\n',2)
f.save()
f=F('another-hub-registers-when-it-may')
f.cut('expect hub received no * *')
f.rep('expect 200 1000\n','expect 200 1000\nexpect hub received GET versions\nexpect hub received no GET versions\n')
f.save()
f=F('charging-profiles-come-back-to-who-asked')
f.rep('wait 200ms\n','fence cpo to msp\n')
f.save()
f=F('content-types-are-judged-by-parsing')
f.cut('expect msp received no PATCH *')
f.after('expect msp received GET sessions DE/CPO/S1 body "" header Content-Type absent','expect msp received no PATCH *')
f.save()
f=F('delete-ends-a-connection')
f.cut('expect cpo received no GET locations')
f.rep('expect cpo received no GET versions','expect cpo received no GET versions beside msp')
f.after('expect cpo received GET locations L1','expect cpo received no GET locations',1,2)
f.save()
f=F('endpoints-are-called-where-they-were-listed')
f.cut('expect hand received no GET tokens')
f.after('expect hand received GET tariffs "" from NL*MSP to DE*HND','expect hand received no GET tokens')
f.save()
f=F('every-refusal-carries-the-envelope')
f.before('expect msp received no PUT tariffs\nexpect msp received no PATCH *','fence cpo to msp')
f.before('expect msp received no PUT tariffs\nrequest','fence cpo to msp')
f.save()
f=F('get-all-sees-everything-one-may-see')
f.before('expect cpo received no GET locations','fence msp to cpo')
f.save()
f=F('methods-that-do-not-exist-end-in-the-hub')
f.rep('say "Nobody was asked"\n','say "Nobody was asked"\nfence cpo to msp\nfence msp to cpo\n')
f.save()
f=F('partners-learn-who-is-there')
f.before('expect quiet received no * hubclientinfo','send cpo DE*CPO to SE*QUI GET tokens\nexpect 200 1000\nexpect quiet received GET tokens')
f.rep('expect cpo received no PUT hubclientinfo NL/MSP\n','fence msp to cpo\nexpect cpo received no PUT hubclientinfo NL/MSP\n')
f.before('expect cpo received no PUT hubclientinfo FR/NEW','fence msp to cpo')
f.rep('''expect msp received no PUT hubclientinfo NL/MSP
''','''fence cpo to msp
fence msp to cpo
expect msp received no PUT hubclientinfo NL/MSP
''')
f.rep('expect cpo received no PUT hubclientinfo FR/TWO at /role CPO\n','fence msp to cpo\nexpect cpo received no PUT hubclientinfo FR/TWO at /role CPO\n')
f.save()
f=F('results-of-commands-find-their-way-back')
f.rep('wait 200ms\n','fence cpo to msp\n')
f.before('expect msp received no * callback\n','fence cpo to msp',0,2)
f.before('expect msp received no * callback\n','fence cpo to msp\nfence spy to msp',1,2)
f.t=f.t.replace('fence cpo to msp\nfence spy to msp\n','fence cpo to msp\n')
f.before('expect cpo received no * tokens','fence msp to cpo\n')
f.t=f.t.replace('expect msp received no * tokens\nfence msp to cpo\n\nexpect cpo','fence cpo to msp\nexpect msp received no * tokens\nfence msp to cpo\nexpect cpo')
f.save()
f=F('sound-objects-cross-and-stay-as-they-are')
f.before('expect msp received no POST cdrs','fence cpo to msp')
f.save()
f=F('urls-that-the-other-side-calls-are-the-hubs')
f.before('expect msp received no POST callback','fence cpo to msp')
f.save()
f=F('what-cannot-be-shared-is-refused')
f.rep('say "Nobody but the one it was for ever saw anything of all that"\n','say "Nobody but the one it was for ever saw anything of all that"\nfence cpo to msp two\nfence msp to cpo\n')
f.save()
