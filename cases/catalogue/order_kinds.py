"""What a work order is for, and the steps that it is closed by (R25, R26, R29; procedure of the DGS, 7.2 and 7.3)."""

from enum import StrEnum


class OrderKind(StrEnum):
    ENLACE = "ENLACE"  # 7.2-02: nobody of the household has a procedure
    MODIFICACION = "MODIFICACION"  # 7.2-02: whoever asks has a link already
    CAMBIO_DE_RECIBO = "CAMBIO_DE_RECIBO"  # 7.2-01 b: the holder of a bill goes over to another one
    PIN_SUSTRACCION = "PIN_SUSTRACCION"  # IDT-7.1.2.1.8, case A

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def steps(self) -> tuple["SuborderKind", ...]:
        """The suborders: the order is closed when they are."""
        return _STEPS[self]

    @property
    def links(self) -> bool:
        """Whether a household is linked to a bill by it."""
        return self is not OrderKind.PIN_SUSTRACCION


class SuborderKind(StrEnum):
    """A suborder."""

    DESACTIVACION = "DESACTIVACION"
    RECEPCION = "RECEPCION"
    REGISTRO = "REGISTRO"

    @property
    def label(self) -> str:
        return _STEP_LABELS[self]


_LABELS = {
    OrderKind.ENLACE: "Inscripción o modificación de beneficiario GLP por recibo de energía",
    OrderKind.MODIFICACION: "Modificación registro de beneficiario GLP por recibo de energía eléctrica",
    OrderKind.CAMBIO_DE_RECIBO: "Cambio del recibo enlazado de un beneficiario GLP",
    OrderKind.PIN_SUSTRACCION: "Generación de nuevo PIN por sustracción",
}
_STEP_LABELS = {
    SuborderKind.DESACTIVACION: "Desactivación del recibo anterior",
    SuborderKind.RECEPCION: "Recepción de documentación",
    SuborderKind.REGISTRO: "Registro en sistema",
}
_STEPS = {
    OrderKind.ENLACE: (SuborderKind.RECEPCION, SuborderKind.REGISTRO),
    OrderKind.MODIFICACION: (SuborderKind.RECEPCION, SuborderKind.REGISTRO),
    OrderKind.CAMBIO_DE_RECIBO: (SuborderKind.DESACTIVACION, SuborderKind.RECEPCION, SuborderKind.REGISTRO),
    OrderKind.PIN_SUSTRACCION: (),
}
