"""What people answered to recolectar_N: counted, and, where the request says so, validated by a person (R64, R65)."""
