"""Every security rule of our own has an example that it catches and one that it leaves alone."""

import re
from pathlib import Path

RULES = Path(__file__).resolve().parent.parent / "tools" / "semgrep"


def test_every_rule_is_tried_both_ways() -> None:
    files = sorted(RULES.glob("*.yaml"))
    assert [path.stem for path in files] == ["python", "templates"]
    for path in files:
        rules = set(re.findall(r"- id: (\S+)", path.read_text()))
        [examples] = set(RULES.glob(f"{path.stem}.*")) - {path}
        text = examples.read_text()
        for kind in ("ruleid", "ok"):
            assert set(re.findall(rf"{kind}: (\S+)", text)) == rules
