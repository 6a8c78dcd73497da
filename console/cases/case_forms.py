"""The small forms on a case's own page: what is refused comes back in them as it was typed."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateTimeLocalField, StringField, SubmitField, TextAreaField
from wtforms.validators import DataRequired, Length


class PromiseForm(FlaskForm):
    """``besides``: the case has one that is still to be made, and this is another."""

    when = DateTimeLocalField("Día y hora", validators=[DataRequired("Escriba el día y la hora.")])
    words = TextAreaField("Para qué se le llama", validators=[DataRequired("Escriba para qué."), Length(max=2000)])
    besides = BooleanField("Hace falta otra, además de la que ya está prometida")


class ClaimForm(FlaskForm):
    """``passes``: from a call that goes on, to the line of the PIN."""

    words = TextAreaField(
        "Qué dice la persona", validators=[DataRequired("Escriba qué dice la persona."), Length(max=2000)]
    )
    dui = StringField("DUI de la persona", validators=[Length(max=20)])
    passes = BooleanField("Quiere su PIN nuevo ahora: pasarla a la línea del PIN", default=True)
    claims = SubmitField("Sí reclama: abrir la orden")
    declines = SubmitField("No reclama")
