"""The words a theme brings along, by language."""

from collections.abc import Mapping

from newsletter.errors import Location, ThemeError

Words = Mapping[str, str]
"""The labels of one language by name, such as `unsubscribe`."""


def read_wordings(
    own: object, path: str, shared: Mapping[str, Mapping[str, object]]
) -> dict[str, Words]:
    """Read the tables [lang.en], [lang.de], … of theme.toml; English is the fallback of all.

    What a theme does not say in `own` is taken from the words that all themes have in `shared`,
    and a label that a language lacks in both is that of `pt` for `pt-BR`, and else the English one.

    Raises:
        ThemeError: English is missing, or a table holds what is no text.
    """
    if not isinstance(own, dict) or not all(isinstance(table, dict) for table in own.values()):
        raise ThemeError("[lang.…] holds no words", at=Location(path), hint="copy it from a theme")
    languages = {lang: {**shared.get(lang, {}), **own.get(lang, {})} for lang in {**shared, **own}}
    if "en" not in languages:
        raise ThemeError("[lang.en] is missing", at=Location(path), hint="copy it from a theme")
    return {
        lang.lower(): _words(lang, {**languages["en"], **languages.get(base, {}), **table}, path)
        for lang, table in languages.items()
        for base in (lang.partition("-")[0],)
    }


def find_words(wordings: Mapping[str, Words], lang: str) -> Words:
    """Give the words of the language tag `lang`: of `pt-BR`, else of `pt`, else English.

    RFC 4647 section 3.4: the tag is shortened from its end until something is found.
    """
    tag = lang.lower()
    while tag:
        if tag in wordings:
            return wordings[tag]
        tag = tag.rpartition("-")[0]
    return wordings["en"]


def _words(lang: str, table: Mapping[str, object], path: str) -> Words:
    wrong = [name for name, value in table.items() if not isinstance(value, str)]
    if wrong:
        problem = f"[lang.{lang}] has what is no text: {', '.join(sorted(wrong))}"
        raise ThemeError(problem, at=Location(path), hint="put the words in quotes")
    return {name: str(value) for name, value in table.items()}
