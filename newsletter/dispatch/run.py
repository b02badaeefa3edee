"""What one delivering of a dispatch needs."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from newsletter.clock import Clock
from newsletter.dispatch.brake import Brake
from newsletter.dispatch.pace import Pacing
from newsletter.dispatch.personalise import Personaliser
from newsletter.ledger.course import Hold
from newsletter.ledger.database import Ledger
from newsletter.message.batch import Envelope
from newsletter.message.frozen import Document
from newsletter.providers.protocol import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything one delivering of a dispatch needs."""

    ledger: Ledger
    dispatch: int
    envelope: Envelope
    documents: Mapping[str, Document]
    personaliser: Personaliser
    provider: Callable[[], Provider]
    """Makes a provider of its own for each worker: connections are never shared."""
    workers: int
    clock: Clock
    brake: Brake
    pacing: Pacing = field(default_factory=Pacing)
    lease: float = 600.0
    """Seconds that a request may take before others take its outcome for unsure."""
    patience: float = math.inf
    """Seconds to wait for a request that is held back; afterwards the run ends."""
    settled: Callable[[int], None] = lambda _deliveries: None
    """Hears from any worker, now and then, how many more deliveries are final."""
    held: Callable[[Hold], None] = lambda _hold: None
    """Hears from any worker why it waits."""
    watch: Callable[[], None] = lambda: None
    """Called by any worker before each request; pauses the dispatch where it goes badly."""
