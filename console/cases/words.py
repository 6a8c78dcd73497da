"""What was done, or why: asked for by many screens of the cases, and always written (R8)."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length


class TextForm(FlaskForm):
    """What was done, or why: always written (R8)."""

    text = TextAreaField("Motivo", validators=[DataRequired("Escriba el detalle."), Length(max=2000)])
