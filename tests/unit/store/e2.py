import sys; sys.path.insert(0,'/tmp/st')
from edit import F
f=F('owners-and-ids-agree')
for m in ('locations','sessions','cdrs','tariffs'): f.before('expect msp received no * '+m+'\n','fence cpo to msp')
for m in ('tokens','commands','chargingprofiles'): f.before('expect cpo received no * '+m+'\n','fence msp to cpo')
f.save()
f=F('https-can-be-enforced')
f.rep('expect cpo received no * *\n','''
say "Allowed, it is called, and for the first time"
run sh -c "sed -i 's/^allow_http = false/allow_http = true/' ${HUB_DIR}/hub.conf"
run hub restart
register cpo at ${HUB} with ${TOKEN_CPO}
expect 200 1000
expect cpo received GET versions
expect cpo received GET details
expect cpo received no * *
''')
f.save()
f=F('private-addresses-are-not-called')
f.rep('expect cpo received no * *\n','',2)
f.end('''
say "Allowed, they are called, and for the first time"
run sh -c "sed -i 's/^allow_private = false/allow_private = true/' ${HUB_DIR}/hub.conf"
run hub restart
register cpo at ${HUB} with ${TOKEN_CPO}
expect 200 1000
expect cpo received GET versions
expect cpo received GET details
expect cpo received no * *''')
f.save()
f=F('private-addresses-get-no-results')
f.rep('expect inside received no * *\n','',2)
f.end('expect inside received no * *')
f.save()
f=F('planned-and-suspended-parties-get-nothing')
f.rep('expect msp received GET locations DE/CPO/L1\nexpect msp received no GET locations\nexpect msp received no POST callback\n','')
f.rep('expect cpo received no GET locations\n','')
f.rep('expect msp received no GET locations\n','')
f.rep('''send cpo DE*CPO to NL*MSP GET locations DE/CPO/L1
expect 200 1000
send msp NL*MSP to DE*CPO POST commands''','''send cpo DE*CPO to NL*MSP GET locations DE/CPO/L1
expect 200 1000
expect msp received GET locations DE/CPO/L1
send msp NL*MSP to DE*CPO POST commands''')
f.rep('''send msp NL*MSP to DE*CPO GET locations
expect 200 1000
''','''send msp NL*MSP to DE*CPO GET locations
expect 200 1000
expect cpo received GET locations
expect cpo received no GET locations
''')
f.rep('''request cpo POST ${URL} {"result": "ACCEPTED"}
expect 200 1000
''','''request cpo POST ${URL} {"result": "ACCEPTED"}
expect 200 1000
expect msp received POST callback
expect msp received no GET locations
expect msp received no POST callback
''')
f.end('''
say "Invited again it is reached again, and by nothing older"
run roamhubctl party invite --name again --json
capture at /token as AGAIN
register msp at ${HUB} with ${AGAIN}
send cpo DE*CPO to NL*MSP GET locations DE/CPO/L1
expect 200 1000
expect msp received GET locations DE/CPO/L1
expect msp received no GET locations
expect msp received no POST callback''')
f.save()
f=F('platforms-register-and-leave')
f.rep('expect old received no POST credentials\n','''run roamhubctl party connect --name old --versions-url ${old.versions} --token ${old.token-a} --json
expect exit 1
expect old received GET versions
expect old received GET versions
expect old received no POST credentials
''')
f.rep('''# The first use is noted by the thread that answers this, one after the other.
run roamhubctl party list --json
request cpo GET ${HUB} with "Authorization: Token ${OLD}"
expect 401 *
''','''# The first use of the new token is noted beside the answer to it.
try 30s
    request cpo GET ${HUB} with "Authorization: Token ${OLD}"
    expect 401 *
end
''')
f.save()
f=F('tokens-rotate-and-a-lost-answer-hurts-nobody')
f.rep('''# Changes are made one after the other, so when this one is done the old token is gone.
run roamhubctl party set ${ID_CPO} validation=strict --json
request cpo GET ${HUB} with "Authorization: Token ${FIRST}"
expect 401 2000
''','''# The first use of the new token is noted beside the answer to it.
try 30s
    request cpo GET ${HUB} with "Authorization: Token ${FIRST}"
    expect 401 2000
end
''')
f.save()
f=F('what-was-addressed-to-one-stays-between-the-two')
f.before('expect cpo received no GET sessions','fence msp to cpo')
f.before('expect msp received no PUT sessions DE/CPO/S3','fence cpo to msp')
f.save()
f=F('what-was-agreed-rules-although-all-may-roam')
f.rep('expect msp received no * tariffs\n','''send cpo DE*CPO to nobody PUT locations DE/CPO/L1 {"country_code": "DE", "party_id": "CPO", "id": "L1", "publish": true, "address": "A 1", "city": "B", "country": "DEU", "coordinates": {"latitude": "52.520008", "longitude": "13.404954"}, "time_zone": "Europe/Berlin", "last_updated": "2026-11-23T08:00:00Z"}
wait msp received PUT locations DE/CPO/L1
expect msp received no * tariffs
''')
f.save()
f=F('who-only-lists-is-pulled')
f.rep('''wait relative received GET locations ~date_from=
wait relative received GET locations
expect''','''wait relative received GET locations ~date_from=
store relative locations SE/REL/L5 {"country_code": "SE", "party_id": "REL", "id": "L5", "name": "last of the list", ${REST}, "last_updated": "${NOW}"}
wait msp received PUT locations SE/REL/L5 at /name "last of the list"
expect''')
f.save()
f=F('who-speaks-for-whom')
f.before('expect two received no * locations','fence cpo to two')
f.before('expect cpo received no * locations','fence msp to cpo')
f.rep('expect gone received no * locations','expect gone received no * locations beside next')
f.save()
f=F('without-to-the-content-leads-the-way')
f.before('expect cpo received no POST commands','fence msp to cpo cpx')
f.before('expect two received no * sessions','fence cpo to two\nfence msp to cpx')
f.save()
f=F('peer-to-peer')
f.before('expect msp has no tariffs DE/CPO/T1','expect msp received DELETE tariffs DE/CPO/T1')
f.save()
f=F('faults')
f.before('expect cpo has no tokens NL/MSP/T1','expect cpo received PUT tokens NL/MSP/T1')
f.before('expect cpo has no tokens NL/MSP/T4','expect cpo received PUT tokens NL/MSP/T4')
f.before('expect msp received no GET * elsewhere','send cpo DE*CPO to NL*MSP GET tokens\nexpect msp received GET tokens')
f.save()
