// Agents: which sites are enrolled and how they are, one-time tokens for new ones, and refusing one.

import { ask } from "./api.js";
import * as dialog from "./dialog.js";
import { h, replace } from "./dom.js";
import { notice } from "./notice.js";
import { say } from "./problem.js";
import { once } from "./secret.js";
import * as words from "./words.js";

const { t } = words;
const GIB = 1024 ** 3;

/** Open the view in `place`. */
export function open(place) {
  let closed = false;
  const body = h("tbody", {});
  const form = h("form", { class: "request", onsubmit: async (event) => {
    event.preventDefault();
    try {
      const answer = await ask("POST", "/v1/agents/tokens", { site: new FormData(form).get("site") });
      once(t("tokenOnce"), answer.token);
      form.reset();
    } catch (error) { notice(t("failed", { why: say(error) })); }
  } }, h("label", {}, t("site"), h("input", { name: "site", required: true, maxlength: 120 })), h("button", { class: "main" }, t("newToken")));
  replace(place, h("div", { class: "sheet" }, h("h1", {}, t("agents")), form, h("h2", {}, t("agents")), h("table", { class: "dense" }, h("thead", {}, h("tr", {}, ["site", "state", "lastSeen", "cameras", "backlog", "disk"].map((name) => h("th", {}, t(name))), h("th", {}))), body)));

  const revoke = (one) => dialog.ask({ title: t("revokeAgentTitle", { site: one.site }), about: h("p", {}, t("revokeAgentAbout")), danger: true, button: t("revokeAgent").replace("…", ""), send: async () => { await ask("POST", `/v1/agents/${one.agent_id}/revoke`); load(); } });

  function state(one) {
    if (one.revoked_at) return h("span", { class: "bad" }, t("agentRevoked", { at: words.day(one.revoked_at) }));
    return one.connected ? h("span", { class: "good" }, "● ", t("agentConnected")) : h("span", { class: "bad" }, "✕ ", t(one.silent_since ? "agent_silent" : "agentAway"));
  }

  const row = (one) => h("tr", { class: one.revoked_at ? "over" : "" }, h("td", {}, h("strong", {}, one.site), h("div", { class: "muted" }, one.software)), h("td", {}, state(one)), h("td", { class: "muted" }, one.last_heartbeat_at ? words.moment(one.last_heartbeat_at) : t("neverHeard")), h("td", {}, one.cameras),
    h("td", { class: one.backlog && one.backlog.events > 100 ? "warn" : "muted" }, one.backlog ? t("backlogOf", { events: one.backlog.events, media: one.backlog.media }) : ""), h("td", { class: "muted" }, one.disk?.free_bytes === undefined ? "" : `${words.number(one.disk.free_bytes / GIB)} GiB`),
    h("td", {}, one.revoked_at ? null : h("button", { class: "chip", "data-verb": "revoke", onclick: () => revoke(one) }, t("revokeAgent"))));

  async function load() {
    try {
      const { items } = await ask("GET", "/v1/agents");
      if (!closed) replace(body, items.length ? items.map(row) : h("tr", {}, h("td", { colspan: 7, class: "empty" }, t("noAgents"))));
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  load();
  return { resync: load, close: () => { closed = true; } };
}
