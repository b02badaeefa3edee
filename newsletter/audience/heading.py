"""The heading of a list: which column is what, guessed by its name or said in newsletter.toml."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.audience.column import column_name
from newsletter.suggest import did_you_mean

ADDRESS_COLUMNS = (
    *("email", "e_mail", "email_address", "e_mail_address", "mail", "primary_email"),
    *("email_primary", "preferred_email", "email_1", "email1", "mail_address", "e_mail_1"),
    *("email_adresse", "e_mail_adresse", "mailadresse", "courriel", "adresse_e_mail"),
    *("adresse_email", "adresse_mail", "correo", "correo_electronico", "indirizzo_email"),
    *("e_mailadres", "emailadres", "epost", "e_post", "sahkoposti"),
)
ALTERNATE_COLUMNS = (
    *("alternate_email", "alternative_email", "secondary_email", "other_email", "second_email"),
    *("email_2", "email2", "e_mail_2", "email_alternate", "email_secondary", "email_3", "email3"),
    *("work_email", "home_email", "business_email", "personal_email", "private_email"),
    *("email_work", "email_home", "zweite_e_mail"),
)
ID_COLUMNS = (
    *("member_id", "id", "member_number", "member_no", "membership_number", "contact_id"),
    *("constituent_id", "membership_id", "membership_no", "member_nr", "account_id", "person_id"),
    *("mitgliedsnummer", "mitglieds_nr", "mitgliedsnr", "numero_adherent", "numero_de_membre"),
    *("numero_socio", "lidnummer", "medlemsnummer"),
)
FIRST_NAME_COLUMNS = ("first_name", "firstname", "given_name", "forename", "vorname", "prenom")
LAST_NAME_COLUMNS = ("last_name", "lastname", "surname", "family_name", "nachname", "nom")
DECEASED_COLUMNS = ("deceased", "is_deceased", "deceased_flag", "verstorben", "decede", "fallecido")
DO_NOT_EMAIL_COLUMNS = (
    *("do_not_email", "no_email", "do_not_e_mail", "email_opt_out", "opt_out", "opted_out"),
    *("donotemail", "donotbulkemail", "do_not_contact", "keine_e_mail", "keine_e_mails"),
)
LAPSED_COLUMNS = ("lapsed", "is_lapsed", "expired", "is_expired", "ausgetreten")

GUESSES: Mapping[str, tuple[str, ...]] = {
    "email": ADDRESS_COLUMNS,
    "member_id": ID_COLUMNS,
    "first_name": FIRST_NAME_COLUMNS,
    "last_name": LAST_NAME_COLUMNS,
    "deceased": DECEASED_COLUMNS,
    "do_not_email": DO_NOT_EMAIL_COLUMNS,
    "lapsed": LAPSED_COLUMNS,
}
"""Our name for a column, and the names under which others export it, the likeliest first."""

FLAGS = ("deceased", "do_not_email", "lapsed")
"""Columns that say something of a member by yes or no."""

YES = frozenset(
    {"yes", "y", "true", "t", "1", "1.0", "x", "j", "ja", "oui", "o", "si", "sí", "s", "sim", "da"}
    | {"vrai", "wahr", "✓", "✔", "checked", "on", "deceased", "opted out", "lapsed"}
)
"""What means yes in a column of flags, in small letters."""


NO = frozenset({"", "no", "n", "false", "f", "0", "0.0", "nein", "non", "nee", "não", "-", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The columns of a list, understood."""

    columns: tuple[str, ...]
    """Our names, in order."""
    written: tuple[str, ...]
    """What the list calls them."""
    addresses: tuple[int, ...]
    """Where addresses stand: the first that is filled is used."""
    id_at: int | None
    """Where the association's own id stands."""
    guessed: Mapping[str, str]
    """What was guessed: our name, and the heading that is taken for it."""

    @property
    def flags(self) -> tuple[tuple[str, int], ...]:
        """Give the flags that the list has, and where they stand."""
        return tuple((name, self.columns.index(name)) for name in FLAGS if name in self.columns)

    @property
    def width(self) -> int:
        """Count the columns."""
        return len(self.columns)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a heading cannot be used."""

    problem: str
    hint: str


def is_heading(cells: Sequence[str], said: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether a row names a column of addresses, and so is the heading and no title."""
    return _primary(tuple(map(column_name, cells)), said) is not None


def understand_heading(
    cells: Sequence[str], said: Mapping[str, tuple[str, ...]]
) -> Heading | tuple[Trouble, ...]:
    """Tell which column is what; `said` are headings by our name, as newsletter.toml has them."""
    written = tuple(cell.strip() for cell in cells)
    while written and not written[-1]:
        written = written[:-1]  # programs write a delimiter too many
    plain = tuple(column_name(each) for each in written)
    troubles = [*_unusable(plain), *_unknown(plain, said)]
    primary = _primary(plain, said)
    if primary is None:
        named = ", ".join(filter(None, plain)) or "none"
        troubles.append(
            Trouble(
                f"no column holds the addresses; there are {named}",
                'name that column `email`, or say which it is: [members.columns] email = "..."',
            )
        )
    if troubles or primary is None:
        return tuple(troubles)
    names = _renamed(plain, said, primary)
    return Heading(
        columns=names,
        written=written,
        addresses=(primary, *_alternates(plain, said, primary)),
        id_at=names.index("member_id") if "member_id" in names else None,
        guessed={
            ours: heading
            for ours, name, heading in zip(names, plain, written, strict=True)
            if ours in GUESSES and ours not in said and heading != ours
        },
    )


def _unusable(plain: Sequence[str]) -> Iterator[Trouble]:
    for name in sorted({each for each in plain if each and plain.count(each) > 1}):
        yield Trouble(f"the column {name!r} is there more than once", "rename one of the two")
    if "" in plain:
        yield Trouble(f"column {plain.index('') + 1} has no name", "give it a heading")


def _unknown(plain: Sequence[str], said: Mapping[str, tuple[str, ...]]) -> Iterator[Trouble]:
    for ours, headings in said.items():
        for heading in headings:
            if column_name(heading) not in plain:
                listed = f"use one of: {', '.join(filter(None, plain))}"
                yield Trouble(
                    f"[members.columns] takes {heading!r} for {ours}; there is no such heading",
                    did_you_mean(column_name(heading), filter(None, plain), otherwise=listed),
                )


def _primary(plain: Sequence[str], said: Mapping[str, tuple[str, ...]]) -> int | None:
    names = [column_name(each) for each in said.get("email", ())] or ADDRESS_COLUMNS
    return next((plain.index(name) for name in names if name in plain), None)


def _alternates(
    plain: Sequence[str], said: Mapping[str, tuple[str, ...]], primary: int
) -> tuple[int, ...]:
    names: Iterable[str] = [column_name(each) for each in said.get("email", ())]
    names = names or (*ADDRESS_COLUMNS, *ALTERNATE_COLUMNS)
    found = dict.fromkeys(plain.index(name) for name in names if name in plain)
    return tuple(at for at in found if at != primary)


def _renamed(
    plain: Sequence[str], said: Mapping[str, tuple[str, ...]], primary: int
) -> tuple[str, ...]:
    names = list(plain)
    for ours, headings in said.items():
        at = primary if ours == "email" else plain.index(column_name(headings[0]))
        _rename(names, at, ours)
    if "email" not in said:
        _rename(names, primary, "email")
    for ours, guesses in GUESSES.items():
        if ours not in said and ours not in names:
            theirs = next((name for name in guesses if name in names), None)
            if theirs:
                names[names.index(theirs)] = ours
    return tuple(names)


def _rename(names: list[str], at: int, ours: str) -> None:
    if ours in names and names.index(ours) != at:
        names[names.index(ours)] = f"other_{ours}"  # theirs has the name, and means something else
    names[at] = ours


def flag_of(value: str) -> bool | None:
    """Tell whether the value of a flag means yes; None where it is neither yes nor no.

    A date is a yes: of death, or of the day on which they said so.
    """
    plain = value.casefold()
    if plain in NO:
        return False
    is_date = sum(letter.isdigit() for letter in plain) >= _DIGITS_OF_DATE
    return True if plain in YES or is_date else None


_DIGITS_OF_DATE = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What newsletter.toml says of reading the list."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The headings for our names, as `[members.columns]` has them."""
    encoding: str = ""
    """A Python codec; empty where it is to be found out."""
    shrink: int = 20
    """By how many percent the list may shrink without a question."""
