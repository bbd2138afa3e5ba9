"""The policies as files: read, put together with the district's own, checked against the schema, and known by one digest.

Invariants: policies that do not parse, do not fit the schema, or lack @id or @reason are refused as a whole; the ban on identifying faces cannot be
replaced. A district's policy takes the place of the built-in one of its @id, or is added.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cedarpy

from sharing_hub import errors

BUILT_IN = Path(__file__).parent / "rules"
ALWAYS = "never-identify-faces"
MAX_BYTES = 256 * 1024
MAX_FILES = 50
_SCHEMA = "schema.cedarschema"


@dataclass(frozen=True, slots=True)
class Words:
    """Why a policy permits or forbids."""

    ko: str
    en: str

    def text(self) -> str:
        """Return both languages, Korean first."""
        return f"{self.ko} / {self.en}"


@dataclass(frozen=True, slots=True, eq=False)
class Policies:
    """The policies in force in this process, parsed.

    Attributes:
        digest: SHA-256 over schema and policies, in hex.
        words: of each policy, by @id.
        changed: @ids that the district's folder replaced or added.
    """

    schema: cedarpy.Schema
    rules: cedarpy.PolicySet
    digest: str
    words: Mapping[str, Words]
    changed: tuple[str, ...] = ()


def load(folder: Path | None = None) -> Policies:
    """Return the built-in policies, with those of `folder` in their place or beside them.

    Raises:
        PolicyError: they cannot be used; the words name the file and what is wrong.
    """
    schema_text = (BUILT_IN / _SCHEMA).read_text(encoding="utf-8")
    found = _read(BUILT_IN)
    own = _read(folder) if folder is not None else {}
    if ALWAYS in own:
        raise errors.PolicyError(f"{folder}: the policy {ALWAYS} cannot be replaced: nobody is identified by face")
    found |= own
    _validate(found, schema_text)
    document = json.dumps(_document(found), sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(f"{schema_text}\n{document}".encode()).hexdigest()
    words = {name: _words(name, policy) for name, policy in found.items()}
    handle = cedarpy.PolicySet.from_json_str(document)
    return Policies(cedarpy.Schema.from_str(schema_text), handle, digest, words, tuple(sorted(own)))


def _read(folder: Path) -> dict[str, Any]:
    """Return the policies of a folder's files by their @id."""
    try:
        files = sorted(folder.glob("*.cedar"))
        if not files or len(files) > MAX_FILES:
            raise errors.PolicyError(f"{folder}: holds {len(files)} files *.cedar; 1 to {MAX_FILES} are read")
        found: dict[str, Any] = {}
        for file in files:
            if file.stat().st_size > MAX_BYTES:
                raise errors.PolicyError(f"{file}: larger than {MAX_BYTES} bytes")
            for name, policy in _parsed(file, file.read_text(encoding="utf-8")).items():
                if name in found:
                    raise errors.PolicyError(f'{file}: there are two policies @id("{name}")')
                found[name] = policy
    except (OSError, UnicodeDecodeError) as e:
        raise errors.PolicyError(f"{folder}: the policies cannot be read: {e}") from e
    return found


def _parsed(file: Path, text: str) -> dict[str, Any]:
    try:
        document = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as e:
        raise errors.PolicyError(f"{file}: not Cedar: {e}") from e
    if document.get("templates") or document.get("templateLinks"):
        raise errors.PolicyError(f"{file}: templates are not used here; write the policy out")
    found: dict[str, Any] = {}
    for policy in document["staticPolicies"].values():
        name = policy.get("annotations", {}).get("id")
        if not name:
            raise errors.PolicyError(f'{file}: a policy has no @id("…"); every decision names its policies')
        if name in found:
            raise errors.PolicyError(f'{file}: there are two policies @id("{name}")')
        _words(name, policy)
        found[name] = policy
    return found


def _words(name: str, policy: Any) -> Words:
    annotations = policy["annotations"]
    ko, en = annotations.get("reason"), annotations.get("reason_en")
    if not ko or not en:
        raise errors.PolicyError(f'policy {name}: give @reason("한국어") and @reason_en("English")')
    return Words(ko, en)


def _document(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"staticPolicies": dict(found), "templates": {}, "templateLinks": []}


def _validate(found: Mapping[str, Any], schema_text: str) -> None:
    for name, policy in found.items():
        text = cedarpy.policies_from_json_str(json.dumps(_document({name: policy})))
        result = cedarpy.validate_policies(text, schema_text)
        if not result.validation_passed:
            raise errors.PolicyError(f"policy {name}: {'; '.join(error.error for error in result.errors)}")
