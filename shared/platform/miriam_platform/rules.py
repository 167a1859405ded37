"""The rules of the door itself, which need no contract: their codes are in the rule catalogue of the contracts."""

EMITTER_UNKNOWN = "emitter_unknown"
SENDER_UNKNOWN = "sender_unknown"
SENDER_DIFFERS = "sender_differs"
ROUTING_KEY_DIFFERS = "routing_key_differs"
WRONG_SERVICE = "wrong_service"
PERSONAL_UNREADABLE = "personal_unreadable"
PERSONAL_IN_CLEAR = "personal_in_clear"
ID_REUSED = "id_reused"
COPIED_TO_ANOTHER = "copied_to_another"
EDITION_RETIRED = "edition_retired"
CONTENT_ENCODING = "content_encoding"
CONTENT_TYPE = "content_type"
EXPIRATION_SET = "expiration_set"
UNDELIVERED = "undelivered"

ALL = (
    EMITTER_UNKNOWN,
    SENDER_UNKNOWN,
    SENDER_DIFFERS,
    ROUTING_KEY_DIFFERS,
    WRONG_SERVICE,
    PERSONAL_UNREADABLE,
    PERSONAL_IN_CLEAR,
    ID_REUSED,
    COPIED_TO_ANOTHER,
    EDITION_RETIRED,
    CONTENT_ENCODING,
    CONTENT_TYPE,
    EXPIRATION_SET,
    UNDELIVERED,
)
