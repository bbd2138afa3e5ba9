"""The hub's errors, one tree. Each says what, where and, where somebody can act, what to do.

HubError
    SettingsError            the configuration cannot be used (file, line, remedy)
        PolicyError          the access policies cannot be used
    StoreError               the database or the media folder cannot be used
    Unauthenticated          who is calling is not proved                       401
        TokenRefused         an access token is wrong or over (RFC 6750)
    TokenNotIssued           the token endpoint gives none (RFC 6749)           400
    Refused                  who is calling is known and may not                403
        LookDenied           the access rules do not permit it
        ScopeMissing         the access token is not for this (RFC 6750)
        PasswordChangeNeeded the one-time password was not changed yet
    NotFound                 no such thing, or not for this caller              404
    Conflict                 the thing is in another state                      409
        IncidentConflict     the state table forbids the change
        OffsetConflict       an upload goes on from another offset
    TooLarge                 more bytes than the bound                          413
    Unprocessable            understood and wrong (hash, signature, offset)     422
    Busy                     come back later (`retry_after_s`)                  503
        TooMany              too many attempts                                  429
        DiskFull             media are refused until there is room              507
"""

from collections.abc import Mapping, Sequence


class HubError(Exception):
    """Anything the hub refuses or cannot do; `status` is what HTTP calls it."""

    status = 500
    title = "The hub could not do this"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def headers(self) -> Mapping[str, str]:
        """Return the header fields that belong to the answer."""
        return {}

    def members(self) -> Mapping[str, object]:
        """Return the extension members of the answer's problem (RFC 9457, section 3.2)."""
        return {}


class SettingsError(HubError):
    """The configuration cannot be used."""

    title = "The configuration cannot be used"


class PolicyError(SettingsError):
    """The access policies cannot be used: a hub without valid policies does not start."""

    title = "The access policies cannot be used"


class StoreError(HubError):
    """The database or the media folder cannot be used."""

    title = "The store cannot be used"


class Unauthenticated(HubError):
    """Who is calling is not proved."""

    status = 401
    title = "Not authenticated"


class TokenRefused(Unauthenticated):
    """An access token is wrong, over, or of a system that is no more."""

    def headers(self) -> Mapping[str, str]:
        """Return the challenge of RFC 6750."""
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class TokenNotIssued(HubError):
    """The token endpoint gives no token; `code` is what OAuth calls the reason (RFC 6749, section 5.2)."""

    status = 400
    title = "No token"

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Refused(HubError):
    """Who is calling is known and may not do this."""

    status = 403
    title = "Refused"


class LookDenied(Refused):
    """The access rules do not permit it; which of them, and their words in both languages, is told too."""

    def __init__(self, rule_ids: Sequence[str], reasons: Sequence[str]) -> None:
        super().__init__(f"{'; '.join(reasons)} ({', '.join(rule_ids)}); the attempt is on record")
        self._members = {"rules": list(rule_ids), "reasons": list(reasons)}

    def members(self) -> Mapping[str, object]:
        """Return the rules and their words."""
        return self._members


class ScopeMissing(Refused):
    """The access token is not for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"the access token lacks the scope {scope}; ask the token endpoint for it")
        self.scope = scope

    def headers(self) -> Mapping[str, str]:
        """Return the challenge of RFC 6750."""
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'}


class PasswordChangeNeeded(Refused):
    """The operator must choose a password of their own first."""

    title = "Password change needed"


class NotFound(HubError):
    """There is no such thing, or not for this caller."""

    status = 404
    title = "Not found"


class Conflict(HubError):
    """The thing is in a state that forbids this."""

    status = 409
    title = "Conflict"


class IncidentConflict(Conflict):
    """The incident's state table forbids the change, or somebody else changed it first."""

    title = "The incident is in another state"


class OffsetConflict(Conflict):
    """An upload goes on from another offset than the caller's."""

    title = "The upload goes on from another offset"

    def __init__(self, detail: str, offset_bytes: int) -> None:
        super().__init__(detail)
        self.offset_bytes = offset_bytes

    def members(self) -> Mapping[str, object]:
        """Return from where it goes on."""
        return {"offset_bytes": self.offset_bytes}


class TooLarge(HubError):
    """More bytes than the bound."""

    status = 413
    title = "Too large"


class Unprocessable(HubError):
    """Understood and wrong."""

    status = 422
    title = "Not acceptable as it is"


class Busy(HubError):
    """Come back after `retry_after_s`."""

    status = 503
    title = "Busy"

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s

    def headers(self) -> Mapping[str, str]:
        """Return Retry-After."""
        return {"Retry-After": str(self.retry_after_s)}


class TooMany(Busy):
    """Too many attempts by one name or from one address."""

    status = 429
    title = "Too many attempts"


class DiskFull(Busy):
    """There is no room for media; events still flow."""

    status = 507
    title = "No room for media"
