"""The upload of a Formato Campañas OutBound V1: read, checked, and never half-believed."""
