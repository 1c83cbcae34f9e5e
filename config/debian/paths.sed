# What differs from the defaults where the package puts things.
s|^#url = sqlite:roamhub.db$|url = sqlite:/var/lib/roamhub/roamhub.db|
s|^#token_file =$|token_file = /var/lib/roamhub/admin.token|
