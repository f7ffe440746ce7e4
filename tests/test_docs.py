"""The generated pages say what the code says now."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_generated_pages_are_fresh():
    command = [sys.executable, str(ROOT / "docs/generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr} run `make docs`"


def test_the_readme_counts_right():
    from convwright.linter import all_rules
    from convwright.models import families, model_names

    readme = (ROOT / "README.md").read_text()
    assert f"{len(all_rules())} design rules" in readme
    assert f"{len(model_names())} published variants of {len(families())} families" in readme


def test_links_between_pages_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name} links to {link}"
