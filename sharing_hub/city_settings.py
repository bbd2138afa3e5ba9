"""The settings of the city's own login: a part of the hub's TOML file (`[city_login]`)."""

from pathlib import Path

from pydantic import Field

from sharing_hub import settings_part


class CityPlace(settings_part.Part):
    """What people of one of the city's groups are here."""

    agency: str = Field("district", description="The agency's id in the district's book.")
    role: str = Field(description="The role here.")
    unit: str = Field("", max_length=60, description="The part of the agency.")


class CityLogin(settings_part.Part):
    """The city's own login (OpenID Connect), where it has one."""

    issuer: str | None = Field(
        None,
        pattern=r"^https?://[^?#]+$",
        description="The provider's address as it calls itself; without one there is no city login.",
    )
    client_id: str = Field("", max_length=200, description="This hub's name at the provider.")
    client_secret_file: Path | None = Field(
        None,
        description="File with this hub's secret at the provider; without one the hub is a public client (PKCE proves it).",
    )
    scope: str = Field(
        "openid profile", max_length=200, description="What the provider is asked to tell; `openid` among it."
    )
    name_claim: str = Field(
        "preferred_username", max_length=100, description="The claim that holds the name shown here."
    )
    groups_claim: str = Field("groups", max_length=100, description="The claim that holds the person's groups.")
    groups: dict[str, CityPlace] = Field(
        {},
        description=(
            "What people of a group are here, e.g. `[city_login.groups.cctv-operators]` with `role` (and `agency`, `unit`); the first that "
            "fits counts, and whoever is in none is refused."
        ),
    )
    name_ko: str = Field("시청 통합 로그인", max_length=60, description="What the button says in Korean.")
    name_en: str = Field("City login", max_length=60, description="What the button says in English.")
