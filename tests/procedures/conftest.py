"""The stage of the procedures: the carrier, the web application and the desk, as for the scenarios of the desk."""

from tests.desk.conftest import house, stage

__all__ = ["house", "stage"]
