"""Renders a template of a spec file with Cheetah: TEMPLATE VALUES OUTPUT, values as a JSON object."""
import json
import sys

from Cheetah.Template import Template

template, values, output = sys.argv[1:]
with open(values, encoding="utf-8") as file:
    known = json.load(file)
rendered = str(Template(file=template, searchList=[known]))
with open(output, "w", encoding="utf-8") as file:
    file.write(rendered)
