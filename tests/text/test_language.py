"""Which language is spoken: what was asked for, else what the surroundings say."""

import threading

import pytest

from actlab.text import UserError, current_language, set_language, tr, use_language

VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    set_language(None)
    yield
    set_language(None)


@pytest.mark.parametrize(
    ("values", "lang"),
    [
        (("ko_KR.UTF-8", "", ""), "ko"),
        (("", "ko_KR.UTF-8", "en_US.UTF-8"), "ko"),
        (("en_US.UTF-8", "ko_KR.UTF-8", "ko_KR.UTF-8"), "en"),  # LC_ALL is before all
        (("", "C", "ko_KR.UTF-8"), "en"),
        (("", "", "ko"), "ko"),
        (("", "", "KO_KR.eucKR"), "ko"),
        (("", "", "fr_FR.UTF-8"), "en"),
        (("C.UTF-8", "", ""), "en"),
    ],
)
def test_the_surroundings(values, lang, monkeypatch):
    for name, value in zip(VARIABLES, values, strict=True):
        monkeypatch.setenv(name, value)
    assert current_language() == lang


@pytest.mark.parametrize(
    ("name", "lang"), [("ko_KR", "ko"), ("Korean_Korea", "ko"), ("English_United States", "en"), (None, "en")]
)
def test_without_variables_the_locale_of_the_process(name, lang, monkeypatch):
    """Windows names its locales in words."""
    monkeypatch.setattr("locale.getlocale", lambda: (name, "UTF-8"))
    assert current_language() == lang


def test_what_was_asked_for_comes_first(monkeypatch):
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    set_language("en")
    assert current_language() == "en"
    set_language(None)
    assert current_language() == "ko"


def test_blocks_nest_and_end_with_errors_too():
    with use_language("ko"):
        with use_language("en"):
            assert current_language() == "en"
            with use_language(None):
                assert current_language() == "en"  # of the surroundings
        assert current_language() == "ko"
        with pytest.raises(ZeroDivisionError), use_language("en"):
            1 / 0  # noqa: B018
        assert current_language() == "ko"
    assert current_language() == "en"


def test_another_thread_is_not_disturbed():
    """A block speaks for its own thread: pages in two languages may be written at once."""
    seen = []
    with use_language("ko"):
        thread = threading.Thread(target=lambda: seen.append(current_language()))
        thread.start()
        thread.join()
        assert current_language() == "ko"
    assert seen == ["en"]


@pytest.mark.parametrize("name", ["xx", "", "KO", "english"])
def test_languages_that_are_not_spoken(name):
    for ask in (set_language, lambda lang: tr("cli.training", lang), lambda lang: use_language(lang).__enter__()):
        with pytest.raises(UserError, match="en, ko"):
            ask(name)
    assert current_language() == "en"


def test_a_sentence_in_either_language():
    assert tr("cli.training") == tr("cli.training", "en") == "training"
    with use_language("ko"):
        assert tr("cli.training") == "학습"
        assert tr("cli.training", "en") == "training"


def test_a_missing_key_or_value_is_a_mistake_of_the_program():
    for key in ("cli.no_such_key", "study.no_such_key", "training"):
        with pytest.raises((KeyError, FileNotFoundError)):
            tr(key)
    with pytest.raises(KeyError):
        tr("cli.report_at")


@pytest.mark.parametrize(("n", "said"), [(0, "0 errors"), (1, "1 error"), ("1", "1 error"), ("1,001", "1,001 errors")])
def test_english_counts_one_and_several(n, said):
    assert tr("doctor.count.error", n=n) == said
    assert tr("doctor.count.error", "ko", n=n) == f"오류 {n}건"
