"""Requests that are ready but for who asks, when and whom: the three campaigns of the DGS (PRO DGS, 7.5)."""
