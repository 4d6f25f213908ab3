from trendsite.settings import *
DATABASES["default"]["TEST"] = {"NAME": "/tmp/mine/test.sqlite3"}
