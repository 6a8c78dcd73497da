"""The account that this carrier has when none was given, and the version of the interface it speaks."""

LOCAL_ACCOUNT = "AC" + "0" * 32
LOCAL_TOKEN = "local"  # documented, and worth nothing elsewhere
API_VERSION = "2010-04-01"
