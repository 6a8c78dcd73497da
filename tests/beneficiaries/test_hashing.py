"""A PIN at rest."""

import time

from beneficiaries.hashing import hash_pin, is_hash_of
from core.privacy import Vault


def test_a_hash_knows_its_pin_and_no_other(vault):
    hashed = hash_pin(vault, "4819")
    assert hashed.startswith("$argon2id$") and "4819" not in hashed
    assert is_hash_of(vault, hashed, "4819") and not is_hash_of(vault, hashed, "4818")
    assert hash_pin(vault, "4819") != hashed, "salted"


def test_without_the_pepper_a_hash_is_worth_nothing(vault):
    stolen = hash_pin(vault, "4819")
    assert not is_hash_of(Vault("the thief has the table, and not DATA_KEY"), stolen, "4819")


def test_it_is_slow(vault):
    began = time.process_time()
    hash_pin(vault, "4819")
    assert time.process_time() - began > 0.005
