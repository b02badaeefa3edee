"""The settings of a workspace (newsletter.toml) and the secrets of the environment."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from newsletter.address import Mailbox, parse_address
from newsletter.audience.heading import Wanted
from newsletter.audience.topic import Topic
from newsletter.check.policy import Policy, read_policy
from newsletter.compose.brand import Brand, read_brand
from newsletter.dispatch.breaker import Thresholds
from newsletter.errors import InputError, InputErrors, SettingsError
from newsletter.feedback.policy import Policy as FeedbackPolicy
from newsletter.issue.digestrules import DigestRules, read_digests
from newsletter.providers.registry import names as provider_names
from newsletter.suggest import closest
from newsletter.tables import Lines, Problems, Table, lines_of
from newsletter.workspace import feedback
from newsletter.workspace.archivesettings import ArchiveSettings, read_archive
from newsletter.workspace.desk import DeskSettings, read_desk
from newsletter.workspace.doctorsettings import DoctorSettings, read_doctor
from newsletter.workspace.glossary import with_glossary
from newsletter.workspace.listing import read_wanted
from newsletter.workspace.pacing import PaceSettings, read_pace
from newsletter.workspace.secrets import ledger_url
from newsletter.workspace.settingsfile import read_tables, read_text, shown

FILE = "newsletter.toml"
_LIST_ID = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")
_TOPIC = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SHARES = ("most_bounced", "most_complaints", "most_blocked")
_TABLES = (
    *("society", "brand", "sender", "list", "images", "members"),
    *("checks", "dispatch", "providers", "ledger", "schedules", "topics", "feedback", "pace"),
    *("desk", "approval", "calendar", "archive", "doctor", "digests"),
)
_OF_SCHEDULES = ("schedules", "calendar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What newsletter.toml says."""

    root: Path
    """The folder of the workspace."""
    brand: Brand
    sender: Mailbox
    reply_to: Mailbox | None
    list_id: str
    base_url: str
    """Without a slash at the end."""
    takes_sign_ups: bool
    """Whether anybody may sign up on the public pages."""
    proxies: tuple[str, ...]
    """The web servers before ours whose word on who is asking is taken: addresses, networks."""
    image_url: str
    """Without a slash at the end."""
    embeds_images: bool
    """Whether pictures go with the message, instead of lying on the web."""
    time_zone_column: str
    """The column of the list with the time zone of a member, should it have one."""
    members_file: Path
    members_wanted: Wanted
    """How the member list is to be read."""
    segments_file: Path
    ledger: Path | str
    """A file of SQLite, or the URL of a database."""
    provider: str
    """The one to use where the command does not say."""
    most_rejected: float
    """The share of the settled that may be rejected before a run ends, from 0 to 1."""
    lease: int
    """For how many seconds a request is its worker's."""
    grace: int
    """So many seconds beyond its lease a request counts as unsure."""
    thresholds: Thresholds
    """From how many bounces and complaints on a dispatch is stopped."""
    attempts: int
    """How often one run tries a request that was surely not sent."""
    providers: Mapping[str, Mapping[str, object]]
    """The table of each provider, for it to read."""
    topics: tuple[Topic, ...]
    """What members can opt out of one by one, in the order of the file."""
    checks: Policy
    """What this workspace asks of the checks."""
    pace: PaceSettings
    """How fast emails leave, and at which hours."""
    feedback: FeedbackPolicy
    """What follows from bounces and complaints."""
    event_proofs: Mapping[str, str]
    """By which public values providers prove that events are theirs."""
    archive: ArchiveSettings
    """Where past issues can be read."""
    digests: Mapping[str, DigestRules]
    """The digests that assemble themselves, by name."""
    doctor: DoctorSettings
    """Whom `newsletter doctor` asks, and for what."""
    desk: DeskSettings
    """How the staff sign in, and whose agreement a dispatch needs."""
    schedules: Mapping[str, object]
    """[schedules] and [calendar], for the schedule room to read."""

    @property
    def templates(self) -> Path:
        """Give the folder of the themes."""
        return self.root / "templates"


def find_workspace(start: Path) -> Path:
    """Find the folder of newsletter.toml at `start` or above.

    Raises:
        SettingsError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise SettingsError(
        f"there is no {FILE} here or in any folder above",
        hint="go to your workspace, or make one with `newsletter new DIR`",
    )


def read_settings(root: Path) -> Settings:
    """Read the settings of the workspace at `root`.

    Raises:
        InputErrors: every problem of the file.
    """
    path = root / FILE
    text = read_text(path)
    tables, problems = read_tables(path, text), Problems(shown(path), lines_of(text))
    for name in sorted(tables.keys() - set(_TABLES)):
        near = closest(name, _TABLES)
        hint = f"did you mean [{near}]?" if near else f"use {', '.join(_TABLES)}"
        problems.add(f"unknown table [{name}]", hint, table=name)
    brand = None
    try:
        brand = read_brand(tables, shown(path), problems.lines)
    except InputErrors as found:
        problems.found.extend(found.errors)
    settings = _settings(root, brand, tables, problems)
    problems.raise_if_any()
    return settings


def settings_lines(root: Path) -> tuple[str, Lines]:
    """Give the settings file of the workspace at `root` as errors show it, and its lines."""
    path = root / FILE
    return shown(path), lines_of(read_text(path))


def _settings(
    root: Path, brand: Brand | None, tables: Mapping[str, object], problems: Problems
) -> Settings:
    sender = problems.table(tables, "sender", ("name", "address", "reply_to"))
    lists = problems.table(tables, "list", ("id", "base_url", "sign_up", "proxies"))
    images = problems.table(tables, "images", ("base_url", "delivery"))
    keys = ("file", "segments", "time_zone_column", "columns", "encoding", "shrink")
    members = problems.table(tables, "members", keys)
    of_dispatch = (
        *("provider", "attempts", "lease", "grace", "most_rejected"),
        *("most_bounced", "most_complaints", "most_blocked"),
    )
    dispatch = problems.table(tables, "dispatch", of_dispatch)
    of_feedback = ("opens", "clicks", "soft_times", "soft_days", "sendgrid_key", "ses_topic")
    told = problems.table(tables, "feedback", of_feedback)
    providers = tables.get("providers", {})
    if not isinstance(providers, Mapping):
        problems.add("providers has to be a table", "write [providers.smtp]", key="providers")
        providers = {}
    base_url = lists.link("base_url", required=True).rstrip("/")
    return Settings(
        root=root,
        # Without a brand there is a problem already, and this value is never used.
        brand=brand or Brand(name="", short_name="", legal_name="", postal_address=()),
        sender=_mailbox(sender, "address") or Mailbox(parse_address("a@example.org")),
        reply_to=_mailbox(sender, "reply_to") if sender.values.get("reply_to") else None,
        list_id=lists.matching("id", "", _LIST_ID, "like a host name, such as news.example.org")
        or _missing(lists, "id"),
        base_url=base_url,
        takes_sign_ups=lists.flag("sign_up"),
        proxies=_proxies(lists),
        image_url=(images.link("base_url") or f"{base_url}/images").rstrip("/"),
        embeds_images=images.choice("delivery", ("hosted", "embedded"), "hosted") == "embedded",
        time_zone_column=members.text("time_zone_column", "time_zone"),
        members_file=root / members.text("file", "recipients/members.csv"),
        members_wanted=read_wanted(members),
        segments_file=root / members.text("segments", "recipients/segments.toml"),
        ledger=_ledger(root, problems.table(tables, "ledger", ("url",))),
        provider=dispatch.choice("provider", provider_names(), "outbox"),
        most_rejected=dispatch.number("most_rejected", 5, low=1, high=100) / 100,
        lease=dispatch.number("lease", 600, low=2, high=86_400),
        grace=dispatch.number("grace", 120, low=1, high=86_400),
        thresholds=_thresholds(dispatch),
        attempts=dispatch.number("attempts", 6, low=1, high=20),
        providers={str(name): _as_table(problems, name, t) for name, t in providers.items()},
        topics=tuple(_topics(tables.get("topics", {}), problems)),
        checks=with_glossary(read_policy(tables, problems), root, tables, problems),
        pace=read_pace(tables, provider_names(), brand.time_zone if brand else "", problems),
        feedback=feedback.read_policy(told),
        event_proofs=feedback.read_public_proofs(told),
        archive=read_archive(tables, problems, base_url),
        doctor=read_doctor(tables, problems),
        desk=read_desk(tables, problems),
        digests=read_digests(tables, problems),
        schedules={name: tables[name] for name in _OF_SCHEDULES if name in tables},
    )


def _mailbox(table: Table, key: str) -> Mailbox | None:
    name = table.text("name") if key == "address" else ""
    address = table.text(key, required=True)
    if not address:
        return None
    try:
        return Mailbox(parse_address(address), name)
    except InputError as reason:
        table.problem(key, f"is not an address: {reason.problem}", reason.hint)
        return None


def _thresholds(table: Table) -> Thresholds:
    usual = Thresholds()
    bounced, complaints, blocked = (
        table.percent(key, 100 * getattr(usual, key)) / 100 for key in _SHARES
    )
    return Thresholds(most_bounced=bounced, most_complaints=complaints, most_blocked=blocked)


def _proxies(table: Table) -> tuple[str, ...]:
    found = table.lines("proxies")
    for each in found:
        try:
            ip_network(each)
        except ValueError:
            hint = 'write proxies = ["127.0.0.1"]'
            table.problem("proxies", f"is no address and no network: {each!r}", hint)
    return found


def _missing(table: Table, key: str) -> str:
    return table.text(key, required=True)


def _ledger(root: Path, table: Table) -> Path | str:
    url = ledger_url() or table.text("url")
    return url if "://" in url else root / (url or ".newsletter/ledger.sqlite3")


def _as_table(problems: Problems, name: object, table: object) -> Mapping[str, object]:
    if isinstance(table, Mapping):
        return table
    problems.add(
        f"providers.{name} has to be a table",
        f"write [providers.{name}]",
        table="providers",
        key=str(name),
    )
    return {}


def _topics(found: object, problems: Problems) -> Iterator[Topic]:
    if not isinstance(found, Mapping):
        problems.add("topics has to be tables", "write [topics.news]", table="topics")
        return
    for name in found:
        if not _TOPIC.fullmatch(name):
            hint = "use lower-case letters, digits and dashes"
            problems.add(f"{name!r} cannot be a topic", hint, table=f"topics.{name}")
            continue
        table = problems.table(found, name, ("title", "about"), within="topics")
        yield Topic(name, table.text("title", required=True), table.text("about"))
