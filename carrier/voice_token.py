"""What a browser shows to Twilio so that a call can ring in it (twilio.com/docs/iam/access-tokens)."""

from dataclasses import dataclass, field

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

AN_HOUR = 3600


@dataclass(frozen=True)
class VoiceTokens:
    """``api_key``: one of the account's, SK…"""

    account_sid: str
    api_key: str
    api_secret: str = field(repr=False)

    def token(self, identity: str) -> str:
        """A token for one hour. ``identity``: the name by which the browser is rung, without ``client:``.

        It may receive calls; it may place none, because all of ours are placed by the service.
        """
        made = AccessToken(self.account_sid, self.api_key, self.api_secret, identity=identity, ttl=AN_HOUR)
        made.add_grant(VoiceGrant(incoming_allow=True))
        return str(made.to_jwt())
