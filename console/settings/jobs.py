"""Ajustes › Tareas: the background jobs, those that failed for good, and what is to be done with each (issue 5)."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.access import requires
from console.office import office
from core import audit, job_book
from core.roles import Role

screen = Blueprint("jobs", __name__)

#: What each kind of job does, for people. A kind that is not named here is shown by its own name.
KINDS = {
    "campaigns.clear": "Limpiar listas terminadas",
    "campaigns.import": "Cargar el archivo de una campaña",
    "campaigns.import_forgotten": "Buscar cargas que quedaron a medias",
    "core.remove_old_jobs": "Olvidar tareas viejas",
    "core.rescue_stalled_jobs": "Rescatar tareas interrumpidas",
    "counting.gather": "Reunir conteos",
    "campaigns.forget_outreach": "Borrar a quién se escribió primero, cuando ya no cuenta",
    "campaigns.seal_causes": "Cerrar los motivos de exclusión de la versión anterior",
    "beneficiaries.tend": "Cuidar las preguntas al padrón",
    "desk.purge_chats": "Borrar conversaciones escritas viejas",
    "desk.fetch_message": "Traer un mensaje de voz",
    "desk.purge": "Borrar datos viejos del puesto",
    "desk.sweep_messages": "Buscar mensajes de voz pendientes",
    "intake.compare": "Comparar una solicitud con la anterior",
    "intake.tell": "Avisar al área solicitante",
    "intake.watch_terms": "Vigilar los plazos de las solicitudes",
    "ivr.purge_calls": "Borrar datos viejos de las llamadas",
    "ivr.wipe_forgotten_calls": "Limpiar llamadas sin final",
    "cases.purge": "Borrar de quién eran las consultas y anotaciones que cumplieron su plazo",
    "messages.bring_over": "Traer correos y mensajes de la versión anterior",
    "messages.look_after_chats": "Cuidar las conversaciones escritas",
    "messages.delete_media": "Borrar fotos y audios en la red de mensajes",
    "messages.delete_media_again": "Volver a intentar borrar fotos y audios en la red de mensajes",
    "messages.send_chat": "Enviar un mensaje de una conversación",
    "messages.send_chats_again": "Reintentar mensajes de conversaciones",
    "messages.look_after_texts": "Borrar los teléfonos de mensajes viejos",
    "messages.send_mail": "Enviar un correo (versión anterior)",
    "messages.send_mail_again": "Reintentar correos (versión anterior)",
    "messages.send_post": "Enviar un correo o un mensaje de texto",
    "messages.send_post_again": "Reintentar correos y mensajes de texto",
    "messages.send_sms": "Enviar un mensaje de texto (versión anterior)",
    "messages.send_sms_again": "Reintentar mensajes de texto (versión anterior)",
    "ivr.test_call": "Hacer una llamada de prueba",
    "rehearsal.run": "Ensayar una campaña",
    "rehearsal.sweep": "Limpiar ensayos",
    "reports.calls": "Hacer los informes de llamadas",
    "reports.in_force": "Anotar con qué metas y tarifas se mide",
    "reports.purge": "Borrar informes viejos",
    "procedures.follow_corrections": "Avisar de las correcciones del padrón",
    "procedures.follow_orders": "Terminar de enlazar recibos y vencer órdenes de un PIN nuevo",
    "procedures.watch_chats": "Avisar de las conversaciones que nadie atiende",
    "procedures.watch_guards": "Decir qué fue de los mensajes que anuncian un cambio",
    "procedures.watch_tasks": "Recordar las tareas que vencen",
    "procedures.watch_unsaved": "Avisar de los casos que quedaron sin guardar",
    "rights.fill_prints": "Completar huellas de datos de antes",
    "reports.watch": "Hacer los informes de campañas",
}
_STATES = {"todo": "En espera", "doing": "En curso", "failed": "Falló"}


@screen.get("/ajustes/tareas")
@requires(Role.ADMIN)
def page() -> str:
    """What failed first: somebody has to decide of it. Of no job are its arguments read."""
    with office().db.begin() as tx:
        failed = job_book.failed(tx)
        return render_template(
            "console/jobs.html",
            failed=failed,
            why=job_book.why(tx, [row.id for row in failed]),
            waiting=job_book.waiting(tx),
            by_task=job_book.by_task(tx),
            is_worker_alive=job_book.is_worker_alive(tx),
            kinds=KINDS,
            states=_STATES,
            most=job_book.MOST,
        )


@screen.post("/ajustes/tareas/<id:job_id>/otra-vez")
@requires(Role.ADMIN)
def again(job_id: int) -> Response:
    """A job that failed is done again, by the next worker that is free."""
    done = _decide(job_id, job_book.try_again, "job.tried_again")
    flash("Se intentará de inmediato." if done else "Esa tarea ya no está fallida, o ya espera otra igual.", "info")
    return redirect(url_for(".page"))


@screen.post("/ajustes/tareas/<id:job_id>/descartar")
@requires(Role.ADMIN)
def discard(job_id: int) -> Response:
    """A job that failed is forgotten: what it was to do is not done."""
    done = _decide(job_id, job_book.discard, "job.discarded")
    flash("La tarea se descartó: lo que iba a hacer no se hará." if done else "Esa tarea ya no está fallida.", "info")
    return redirect(url_for(".page"))


def _decide(job_id: int, decide: Callable[[Connection, int], str | None], action: str) -> bool:
    here = office()
    with here.db.begin() as tx:
        task = decide(tx, job_id)
        if task is not None:
            audit.record(tx, here.clock.now(), current_user.email, action, "job", job_id, task=task)
    return task is not None
