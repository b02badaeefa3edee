"""The settings of the doctor: [doctor] of newsletter.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.tables import Problems

TIME_SERVER = "pool.ntp.org"
_SERVER = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?")
_NAME_SERVER = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?")
_SELECTOR = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorSettings:
    """Whom to ask, and for what."""

    selectors: tuple[str, ...] = ()
    """Under which the DKIM keys are; none for those customary with the provider."""
    name_server: str = ""
    """An address, with a port if not 53; empty for those of this machine."""
    time_server: str = TIME_SERVER


def read_doctor(tables: Mapping[str, object], problems: Problems) -> DoctorSettings:
    """Read [doctor]; what is wrong is added to `problems`."""
    keys = ("dkim_selectors", "name_server", "time_server")
    doctor = problems.table(tables, "doctor", keys)
    selectors = doctor.lines("dkim_selectors")
    for each in selectors:
        if not _SELECTOR.fullmatch(each):
            hint = "write what stands before ._domainkey, such as s1"
            doctor.problem("dkim_selectors", f"holds no selector: {each!r}", hint)
    return DoctorSettings(
        selectors=selectors,
        name_server=doctor.matching("name_server", "", _NAME_SERVER, "an address: 192.0.2.53"),
        time_server=doctor.matching("time_server", TIME_SERVER, _SERVER, "a host: pool.ntp.org"),
    )
