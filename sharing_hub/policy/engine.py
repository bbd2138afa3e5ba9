"""The one function that decides who may do what to which camera.

Invariants: nothing is permitted unless a policy permits it; a policy that forbids wins; whatever goes wrong on the way (an attribute that is not what
it should be, a diagnostic of Cedar's, an exception) is a denial. Cedar passes over a `forbid` whose condition meets an error: therefore any
diagnostic at all denies.
"""

import functools
import json
from collections.abc import Sequence

import cedarpy
import structlog

from sharing_hub.domain import access, district
from sharing_hub.policy import facts, loading

ON_ERROR, BY_DEFAULT = "deny-on-error", "deny-by-default"
_WORDS = {
    ON_ERROR: loading.Words("판단할 수 없어 거부했습니다.", "It could not be decided, so it is denied."),
    BY_DEFAULT: loading.Words("이를 허용하는 규칙이 없습니다.", "No policy permits this."),
}

_KEPT = 512
"""Who and which camera are asked about again and again, each second while somebody watches: so many pairs are kept parsed (9 KiB each)."""

log = structlog.get_logger(__name__)


class Engine:
    """Decides with one set of policies; safe to use from every thread."""

    def __init__(self, policies: loading.Policies) -> None:
        self.policies = policies
        self._words = {name: words.text() for name, words in {**_WORDS, **policies.words}.items()}
        self._parsed = functools.lru_cache(_KEPT)(self._parse)

    def version(self, book_version: int) -> str:
        """Return what names policies and book in a decision."""
        return f"{self.policies.digest[:12]}/{book_version}"

    def decide(self, question: access.Question, book: district.District, book_version: int) -> access.Decision:
        """Answer a question; never raises.

        Args:
            book: the district's book in force, and its number.
        """
        version = self.version(book_version)
        if question.action == "IdentifyFace":  # not even the policies are asked
            return self._denied([loading.ALWAYS], version)
        try:
            request, entities = facts.request_of(question, book)
            known = self._parsed(json.dumps(entities))
            answer = cedarpy.is_authorized(request, self.policies.rules, known, self.policies.schema)
            found, problems = answer.diagnostics.reasons, answer.diagnostics.errors
            if problems or answer.decision not in (cedarpy.Decision.Allow, cedarpy.Decision.Deny):
                return self._failed(question, "; ".join(problems) or "no decision", version)
            if not answer.allowed:
                return self._denied(found, version)
            mask_level = facts.mask_needed(question.action, question.circumstances, book)
            return access.Decision(True, tuple(sorted(found)), self._reasons(found), version, mask_level)
        except Exception as e:  # deny is the result of every error, also of those nobody thought of
            return self._failed(question, repr(e), version)

    def decide_all(
        self, questions: Sequence[access.Question], book: district.District, book_version: int
    ) -> list[access.Decision]:
        """Answer many questions, each different one once: those of a list are mostly alike."""
        decided: dict[str, access.Decision] = {}
        answers: list[access.Decision] = []
        for question in questions:
            try:
                key = json.dumps(facts.request_of(question, book))
            except (TypeError, ValueError):
                answers.append(self.decide(question, book, book_version))
                continue
            if key not in decided:
                decided[key] = self.decide(question, book, book_version)
            answers.append(decided[key])
        return answers

    def _parse(self, entities: str) -> cedarpy.Entities:
        """Return entities as Cedar knows them, checked against the schema; their text says all of them, so that it may stand for them.

        Raises:
            ValueError: they do not fit the schema.
        """
        return cedarpy.Entities.from_json_str(entities, self.policies.schema)

    def _denied(self, found: Sequence[str], version: str) -> access.Decision:
        rules = sorted(found) or [BY_DEFAULT]
        return access.Decision(False, tuple(rules), self._reasons(rules), version)

    def _failed(self, question: access.Question, error: str, version: str) -> access.Decision:
        log.error("an access question could not be decided and was denied", action=str(question.action), error=error)
        return self._denied([ON_ERROR], version)

    def _reasons(self, found: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._words[name] for name in sorted(found) if name in self._words)
