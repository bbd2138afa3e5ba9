// Agents: which sites are enrolled, and one-time tokens for new ones.

import { ask } from "./api.js";
import { h, replace } from "./dom.js";
import { notice } from "./notice.js";
import { say } from "./problem.js";
import * as words from "./words.js";

const { t } = words;

/** Open the view in `place`. */
export function open(place) {
  const body = h("tbody", {});
  const token = h("div", {});
  const form = h("form", { class: "request", onsubmit: async (event) => {
    event.preventDefault();
    try {
      const answer = await ask("POST", "/v1/agents/tokens", { site: new FormData(form).get("site") });
      replace(token, h("p", { class: "warn" }, t("tokenOnce")), h("pre", { class: "token" }, answer.token));
      form.reset();
    } catch (error) { notice(t("failed", { why: say(error) })); }
  } }, h("label", {}, t("site"), h("input", { name: "site", required: true, maxlength: 120 })), h("button", {}, t("newToken")));
  replace(place, h("div", { class: "sheet" }, form, token, h("table", {}, h("thead", {}, h("tr", {}, ["site", "state", "lastSeen", "cameras"].map((name) => h("th", {}, t(name))))), body)));

  async function load() {
    try {
      const { items } = await ask("GET", "/v1/agents");
      replace(body, items.length ? items.map((one) => h("tr", {}, h("td", {}, one.site), h("td", {}, one.software ?? ""), h("td", {}, one.last_heartbeat_at ? words.moment(one.last_heartbeat_at) : ""), h("td", { class: "n" }, one.cameras ?? ""))) : h("tr", {}, h("td", { colspan: 4, class: "empty" }, t("noAgents"))));
    } catch (error) { notice(t("failed", { why: say(error) })); }
  }

  load();
  return { resync: load, close: () => {} };
}
