"""What a browser shows to Twilio: it may be rung for an hour, and may place no call."""

import jwt

from carrier.voice_token import VoiceTokens


def test_it_may_be_rung_and_may_place_no_call():
    made = VoiceTokens("AC" + "1" * 32, "SK" + "2" * 32, "a secret of thirty-two characters").token("puesto_7")
    told = jwt.decode(made, "a secret of thirty-two characters", algorithms=["HS256"])
    assert told["sub"] == "AC" + "1" * 32
    assert told["grants"]["identity"] == "puesto_7"
    assert told["grants"]["voice"] == {"incoming": {"allow": True}}


def test_the_secret_is_in_no_picture_of_it():
    assert "thirty-two" not in repr(VoiceTokens("AC1", "SK1", "a secret of thirty-two characters"))
