"""What the drill prints: each call, and all of them together."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from drill.plan import KEYS_AFTER, LOCATES_AFTER, PICKS_UP, STAYS
from drill.report import Report
from drill.solitude import ANNOUNCED, LONGEST_ALONE

_out = Console(width=150)


def calls(reports: Sequence[Report]) -> None:
    """One row a call; seconds."""
    kinds = _kinds(reports)
    table = Table(title="Llamada por llamada, en segundos", title_justify="left")
    for heading in ("n.º", "quién había", "qué se hizo fallar"):
        table.add_column(heading, overflow="fold")
    for heading in ("atendida", *(f"{kind} timbra → une" for kind in kinds), "silencio", "sola"):
        table.add_column(heading, justify="right")
    table.add_column("terminó")
    table.add_column("resultado", overflow="fold")
    for each in reports:
        services = [each.services.get(kind) for kind in kinds]
        pairs = [f"{_s(found.ringing)} → {_s(found.connected)}" if found else "–" for found in services]
        gaps = (_s(each.gaps.silence), _s(each.gaps.alone))
        result = "; ".join(each.faults) or ("bien, y volvió" if each.called_back else "bien")
        table.add_row(
            str(each.number + 1), each.crew, each.wrong, _s(each.answered), *pairs, *gaps, each.ended_by, result
        )
    _out.print(table)


def together(reports: Sequence[Report], kills: int, seed: int) -> None:
    """The middle, the 95th of a hundred, and the longest."""
    table = Table(title=f"{len(reports)} llamadas (semilla {seed})", title_justify="left")
    table.add_column("segundos")
    for heading in ("p50", "p95", "máx", "llamadas"):
        table.add_column(heading, justify="right")
    _row(table, "hasta que contesta una persona", (each.answered for each in reports))
    for kind in _kinds(reports):
        found = [each.services[kind] for each in reports if kind in each.services]
        _row(table, f"{kind}: timbra", (service.ringing for service in found))
        _row(table, f"{kind}: en la llamada", (service.connected for service in found))
    _row(table, "silencio más largo (sin frase ni persona)", (each.gaps.silence for each in reports))
    _row(table, "sin persona ni espera anunciada", (each.gaps.alone for each in reports))
    _out.print(table)
    bad = sum(1 for each in reports if each.faults)
    dropped, back = sum(each.dropped for each in reports), sum(each.called_back for each in reports)
    _out.print(f"Se cortaron {dropped}, volvieron {back}. El proceso web se mató {kills} veces.", highlight=False)
    _out.print(
        f"Falla si alguien pasa más de {LONGEST_ALONE:g} s sin persona y sin espera anunciada (una frase anuncia"
        f" {ANNOUNCED:g} s), o si la desconectamos antes de confirmar. Con falla: {bad} de {len(reports)}.",
        highlight=False,
    )
    _out.print(
        f"A escala: las personas contestan en {_range(PICKS_UP)} s, marcan en {_range(KEYS_AFTER)} s, dan el lugar en"
        f" {_range(LOCATES_AFTER)} s y la patrulla llega a los {_range(STAYS)} s de estar todos. Los tiempos de la"
        " línea (timbres, colas, siguiente servicio) y las frases duran lo que duran.",
        highlight=False,
    )


def _kinds(reports: Iterable[Report]) -> list[str]:
    return list(dict.fromkeys(kind for each in reports for kind in each.services))


def _row(table: Table, title: str, seconds: Iterable[float | None]) -> None:
    known = sorted(each for each in seconds if each is not None)
    if known:
        table.add_row(title, *(_s(_percentile(known, share)) for share in (0.5, 0.95, 1.0)), str(len(known)))


def _percentile(known: list[float], share: float) -> float:
    return known[min(len(known) - 1, int(len(known) * share))]


def _s(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f}"


def _range(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:g} a {seconds[1]:g}"
