"""The lowest versions that pyproject.toml allows, as a requirements file (`make test-lowest`)."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
extras = project["optional-dependencies"]
for wanted in [*project["dependencies"], *extras["hub"], *extras["postgres"]]:
    print(re.sub(r"(>=|==)", "==", wanted))
