"""Resolves what packages of one repository need of it: ORDER OUTPUT, both JSON."""
import json
import sys

import dnf

order_file, output = sys.argv[1:]
with open(order_file, encoding="utf-8") as file:
    order = json.load(file)
base = dnf.Base()
conf = base.conf
conf.installroot = order["root"]
conf.cachedir = order["root"] + "/cache"
conf.persistdir = order["root"] + "/state"
conf.reposdir = []
conf.gpgcheck = False
conf.plugins = False
conf.arch = order["arch"]
# none is found in an empty root, and dnf takes no other than text
conf.substitutions["releasever"] = ""
base.repos.add_new_repo("multilib", conf, baseurl=["file://" + order["repo"]])
base.fill_sack(load_system_repo=False)
for package in order["packages"]:
    base.install(package)
base.resolve()
found = [package.location.rsplit("/", 1)[-1] for package in base.transaction.install_set]
with open(output, "w", encoding="utf-8") as file:
    json.dump(sorted(found), file)
