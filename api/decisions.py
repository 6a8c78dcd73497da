"""The verbs that decide over a campaign: approve, return, pause, resume, cancel. The trail says which token did it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from api import schemas
from api.campaigns import ID, TAG, told_status
from api.door import here, needs
from api.part import Part
from api.problems import NO_SCOPE, Refusal, invalid
from api.seen import campaign_or_404
from api.system import system
from api.tokens import Scope, Token
from campaigns import approval, life
from campaigns.states import CampaignState
from core.roles import Role

part = Part("decisions", __name__)

Do = Callable[[Connection, datetime, Row, Token], None]


@part.route(f"/campaigns/{ID}/approve", methods=["POST"], tags=TAG)
@part.arguments(schemas.ApproveIn, required=False)
@part.response(200, schemas.Status)
@needs(Scope.CAMPAIGNS_APPROVE)
def approve(asked: dict[str, Any], campaign_id: int) -> dict[str, Any]:
    """Aprueba las filas buenas

    Lo urgente, lo que tiene datos sensibles y lo que empieza antes de 7 días piden además el permiso
    campaigns:supervise y un motivo (R54).
    """

    def do(tx: Connection, now: datetime, row: Row, token: Token) -> None:
        role = _role(row, now, token, at_once=asked["now"], reason=asked["reason"])
        approval.approve(tx, now, row.id, token.actor, role, at_once=asked["now"], reason=asked["reason"])

    return _decided(campaign_id, do)


@part.route(f"/campaigns/{ID}/return", methods=["POST"], tags=TAG)
@part.arguments(schemas.ReturnIn)
@part.response(200, schemas.Status)
@needs(Scope.CAMPAIGNS_APPROVE)
def give_back(asked: dict[str, Any], campaign_id: int) -> dict[str, Any]:
    """La devuelve con su motivo

    Se le escribe a quien la pidió, y empieza su plazo para corregirla. No se llama a nadie.
    """
    reason = asked["reason"]
    if not reason.strip():
        raise invalid("reason", "Escriba el motivo: es lo que lee quien la pidió.")

    def do(tx: Connection, now: datetime, row: Row, token: Token) -> None:
        approval.give_back(tx, now, row.id, token.actor, Role.COORDINADOR, reason)

    return _decided(campaign_id, do)


@part.route(f"/campaigns/{ID}/pause", methods=["POST"], tags=TAG)
@part.response(200, schemas.Status)
@needs(Scope.CAMPAIGNS_CONTROL)
def pause(campaign_id: int) -> dict[str, Any]:
    """Deja de marcar; las llamadas en curso siguen"""
    return _decided(campaign_id, lambda tx, now, row, token: life.pause(tx, now, row.id, token.actor))


@part.route(f"/campaigns/{ID}/resume", methods=["POST"], tags=TAG)
@part.response(200, schemas.Status)
@needs(Scope.CAMPAIGNS_CONTROL)
def resume(campaign_id: int) -> dict[str, Any]:
    """Sigue donde estaba"""
    return _decided(campaign_id, lambda tx, now, row, token: life.resume(tx, now, row.id, token.actor))


@part.route(f"/campaigns/{ID}/cancel", methods=["POST"], tags=TAG)
@part.arguments(schemas.ReasonIn, required=False)
@part.response(200, schemas.Status)
@needs(Scope.CAMPAIGNS_CONTROL)
def cancel(asked: dict[str, Any], campaign_id: int) -> dict[str, Any]:
    """La termina para siempre"""
    reason = asked["reason"].strip() or None
    return _decided(campaign_id, lambda tx, now, row, token: life.cancel(tx, now, row.id, token.actor, reason))


def _decided(campaign_id: int, do: Do) -> dict[str, Any]:
    world, token = system(), here()
    now = world.clock.now()
    with world.db.begin() as tx:
        do(tx, now, campaign_or_404(tx, token, campaign_id), token)
        return told_status(tx, campaign_or_404(tx, token, campaign_id))


def _role(row: Row, now: datetime, token: Token, *, at_once: bool, reason: str) -> Role:
    """As whom it approves. Raises Refusal where that would not do, before anything is locked."""
    if row.state != CampaignState.UNDER_REVIEW or not approval.needs_supervisor(row, now, at_once):
        return Role.COORDINADOR
    if Scope.CAMPAIGNS_SUPERVISE not in token.scopes:
        raise Refusal(
            NO_SCOPE,
            f"{approval.why_supervisor(row, now, at_once)}: hace falta «campaigns:supervise».",
        )
    if not reason.strip():
        raise invalid("reason", f"{approval.why_supervisor(row, now, at_once)}: escriba un motivo.")
    return Role.SUPERVISOR
