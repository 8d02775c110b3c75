"""The language in which hub staff word messages: what it says, and what it refuses."""

from __future__ import annotations

import itertools

import pytest
from django.conf import settings
from django.utils import translation

from notifications.models import Kind
from notifications.ours import MAY_BE_NOTHING, ours
from notifications.texts import kind_words
from notifications.variables import NAMES, asked_of, values_of
from notifications.wording import Unusable, require_known, worded

VALUES, ASKED = {"what", "reason"}, {"to_guest"}


def refused(source: str) -> str:
    with pytest.raises(Unusable) as caught:
        require_known(source, values=VALUES, asked=ASKED)
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "values", "text"),
    [
        ("Hello", {}, "Hello"),
        ("{{ what }}!", {"what": "Lab"}, "Lab!"),
        ("{{what}}", {"what": "{{ reason }}{% if %}"}, "{{ reason }}{% if %}"),
        ("{% if reason %}Why: {{ reason }}{% endif %}", {"reason": ""}, ""),
        ("{% if reason %}Y{% else %}N{% endif %}", {"reason": ""}, "N"),
        ("{% if reason %}Y{% else %}N{% endif %}", {"reason": "R"}, "Y"),
        (
            "{% if what %}{% if reason %}a{% else %}b{% endif %}{% else %}c{% endif %}",
            {"what": "1", "reason": ""},
            "b",
        ),
        ("<script>{{ what }}</script>", {"what": "<b>"}, "<script><b></script>"),
        ("50 % of {it}", {}, "50 % of {it}"),
    ],
)
def test_worded__says_what_is_there(
    source: str, values: dict[str, object], text: str
) -> None:
    assert worded(source, values) == text


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ nothing }}", "“nothing” is not known here."),
        ("{% if nothing %}x{% endif %}", "“nothing” is not known here."),
        ("{{ to_guest }}", "“to_guest” is no text"),
        ("{{ what.owner }}", "{{ what.owner }} cannot be used: only a name"),
        ("{{ what|safe }}", "{{ what|safe }} cannot be used: only a name"),
        ("{{ what }}{{ }}", "{{ }} cannot be used: only a name"),
        ("{{ _('x') }}", "cannot be used: only a name"),
        ("{{ what.__class__ }}", "cannot be used: only a name"),
        ("{% load i18n %}", "{% load i18n %} cannot be used: only {% if … %}"),
        ("{% include 'a' %}", "cannot be used: only {% if … %}"),
        ("{% debug %}", "cannot be used: only {% if … %}"),
        ("{% elif what %}", "cannot be used: only {% if … %}"),
        ("{% if not what %}x{% endif %}", "cannot be used: only a name"),
        ("{% if what and reason %}x{% endif %}", "cannot be used: only a name"),
        ("{% if %}x{% endif %}", "cannot be used: only a name"),
        ("{% if what %}x", "{% if what %} has no end: {% endif %} is missing."),
        ("x{% endif %}", "{% endif %} has no {% if … %} before it."),
        ("x{% else %}", "{% else %} has no {% if … %} before it."),
        (
            "{% if what %}a{% else %}b{% else %}c{% endif %}",
            "{% else %} has no {% if … %} before it.",
        ),
        ("{{ what", "{{ stands alone."),
        ("what }}", "}} stands alone."),
        ("{% if what", "{% stands alone."),
        ("{# a note #}", "{# stands alone."),
        ("{% if what %}" * 9 + "{% endif %}" * 9, "stands too deep"),
    ],
)
def test_wording__broken__says_what_cannot_be_used(source: str, why: str) -> None:
    assert why in refused(source)


def test_wording__a_name_that_is_gone__is_no_value() -> None:
    with pytest.raises(Unusable, match="“reason” is not known here"):
        worded("{{ reason }}", {"what": "Lab"})


@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
@pytest.mark.parametrize("kind", NAMES)
def test_ours__every_kind__says_in_the_small_language_what_it_says(
    kind: Kind, language: str
) -> None:
    """For each way in which what may be nothing, and what is asked for, can be."""
    sources = ours(kind, language)
    for source in sources:
        require_known(source, values=values_of(kind), asked=asked_of(kind))
    given = {name: f"<{name}>" for name in values_of(kind)}
    forks = [
        *((name, (True, False)) for name in asked_of(kind)),
        *((name, (given[name], "")) for name in MAY_BE_NOTHING if name in given),
    ]
    for way in itertools.product(*(both for _name, both in forks)):
        values = {**given, **dict(zip((name for name, _ in forks), way, strict=True))}
        with translation.override(language):
            written = kind_words(kind, values)
        assert (worded(sources[0], values), worded(sources[1], values)) == written[:2]


def test_names__every_kind__is_explained() -> None:
    for kind, names in NAMES.items():
        assert [*values_of(kind), *asked_of(kind)] != [], kind
        assert set(names) == {*values_of(kind), *asked_of(kind)}, kind
