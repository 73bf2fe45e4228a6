"""The catalogues of words: whole in every language, and true to what the code says."""

import re

import pytest
from babel.messages.catalog import Message

from tools import catalogues
from vela.language import DEFAULT_LANGUAGE, LANGUAGES

OTHERS = [language for language in LANGUAGES if language != DEFAULT_LANGUAGE]
PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])|%%")
# What is the same word, or no word at all, in more than one language.
ALIKE = {
    "es": {"Total", "Hash", "Tokens", "no", "Esc", "Token", "token", "tokens", "CSV", "JSON", "Excel (XLSX)",
           "Webhooks", "webhooks", "webhook %(address)s", "Webhook", "Ping", "Python"},
    "fr": {"Total", "Notes", "Note", "Transactions", "Transaction", "Code", "Codes", "Description", "Actions", "Pages",
           "Format", "notes", "description", "Notes, %(name)s", "six", "Composition",
           "version", "CSV", "JSON", "Excel (XLSX)", "Webhooks", "webhooks", "webhook %(address)s", "Webhook", "Ping",
           "Python"},
    # What stands on the keys, and kinds of files.
    "ru": {"Enter", "Esc", "Home", "End", "Delete", "Page Up", "Page Down", "CSV", "JSON", "Python"},
}  # fmt: skip


def forms(said: object) -> list[str]:
    return [str(each) for each in said] if isinstance(said, tuple | list) else [str(said)]


def names(text: str) -> set[str]:
    return {found[0] for found in PLACEHOLDER.finditer(text) if found[1]}


def words_of(language: str) -> list[Message]:
    return [message for message in catalogues.catalogue(language) if message.id]


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_the_code_is_said_and_no_other(language: str) -> None:
    said = {(message.context, *forms(message.id)) for message in words_of(language)}
    wanted = {(message.context, *forms(message.id)) for message in catalogues.sentences() if message.id}
    assert said == wanted, "make messages, then translate what came in"
    assert [message.id for message in words_of(language) if not all(forms(message.string)) or message.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_fills_in_the_same_values(language: str) -> None:
    wrong: list[object] = []
    for message in words_of(language):
        known = set[str]().union(*(names(text) for text in forms(message.id)))
        # A form for one thing alone may say it in a word.
        free = {"count"} if message.pluralizable else set[str]()
        wrong += [message.id for text in forms(message.string) if not known - free <= names(text) <= known]
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_plural_form_is_there(language: str) -> None:
    few = {"es": 2, "fr": 2, "ru": 3}[language]
    assert {len(forms(message.string)) for message in words_of(language) if message.pluralizable} == {few}


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_left_in_english(language: str) -> None:
    same = {forms(message.id)[0] for message in words_of(language) if forms(message.id)[0] in forms(message.string)}
    assert {text for text in same if re.search(r"[A-Za-z]{2}", PLACEHOLDER.sub("", text))} - ALIKE[language] == set()


@pytest.mark.parametrize("language", OTHERS)
def test_the_edges_of_sentences_are_kept(language: str) -> None:
    def edges(text: str) -> tuple[bool, bool]:
        return text[:1].isspace(), text[-1:].isspace()

    wrong = [
        m.id
        for m in words_of(language)
        if {edges(t) for t in forms(m.string)} != {edges(forms(m.id)[0])} and not m.context
    ]
    assert wrong == []


def test_french_never_breaks_a_line_before_a_sign() -> None:
    said = [text for message in words_of("fr") for text in forms(message.string)]
    assert [text for text in said if re.search(r" [:;!»]|« |\u202f", text)] == []
