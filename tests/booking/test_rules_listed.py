"""That docs/rules.md is what the code says; no rule goes without an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from booking.management.commands.list_rules import rules_text
from booking.rule_examples import BROKEN, RIGHT
from booking.rules import BY_CODE, RULES, Rule, violations

ROOT = Path(__file__).parents[2]


def test_rules__each_one__has_an_example_that_breaks_it() -> None:
    missing = set(BY_CODE) - set(BROKEN)
    assert not missing, f"say what breaks {missing} in booking/rule_examples.py"
    assert set(BROKEN) == set(BY_CODE)
    assert len(BY_CODE) == len(RULES)


def test_example__that_is_right__breaks_none() -> None:
    assert violations(RIGHT) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_example__of_each_rule__breaks_that_rule_alone(rule: Rule) -> None:
    assert [each.code for each in violations(BROKEN[rule.code])] == [rule.code]


def test_list__of_rules__is_up_to_date() -> None:
    written = (ROOT / "docs" / "rules.md").read_text()
    assert written == rules_text(), "run `make rules`"
