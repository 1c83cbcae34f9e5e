import sys; sys.path.insert(0,'/tmp/st')
from edit import F
f=F('an-authorization-finds-who-knows-the-token')
f.rep('    expect three received no POST tokens U2/authorize\n','    expect three received no POST tokens U2/authorize body same\n')
f.save()
f=F('get-all-sees-everything-one-may-see')
f.rep('fence msp to cpo\nexpect cpo received no GET locations\n','send msp NL*MSP to DE*CPO GET tariffs\nexpect cpo received GET tariffs\nexpect cpo received no GET locations\n')
f.save()
