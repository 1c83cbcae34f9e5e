import sys; sys.path.insert(0,'/tmp/st')
from edit import F
f=F('tokens-rotate-and-a-lost-answer-hurts-nobody')
f.rep('''end
send msp NL*MSP to DE*CPO GET locations L1
expect 404 2003
send cpo DE*CPO to NL*MSP GET tariffs DE/CPO/T1
expect 404 2003
''','''end
# FIRST went out raw, so until the platform speaks again the hub takes it for one that wants raw tokens.
send cpo DE*CPO to NL*MSP GET tariffs DE/CPO/T1
expect 404 2003
send msp NL*MSP to DE*CPO GET locations L1
expect 404 2003
''')
f.save()
