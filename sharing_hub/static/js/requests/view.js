// The desk of requests for video: those to decide first, the chosen one beside them.

import { may } from "../access.js";
import { ask } from "../api.js";
import { cameras } from "../camera_picker.js";
import * as directory from "../directory.js";
import { h, replace } from "../dom.js";
import { due } from "../facts.js";
import { notice } from "../notice.js";
import { say } from "../problem.js";
import * as words from "../words.js";
import * as asking from "./ask.js";
import * as one from "./one.js";

const { t } = words;
const GROUPS = { waiting: ["requested"], underWay: ["approved", "preparing", "ready", "failed"], finished: ["handed_over", "refused", "withdrawn", "expired"] };
const POLL_MS = 4000;
const NEW = "new:";

/** Open the view in `place`; `id` is a request, or `new:CAMERA[:INCIDENT]` to ask for that camera's video. */
export function open(place, id, operator) {
  let items = [];
  let known = new Map();
  let names = null;
  let group = sessionStorage.getItem("requests") ?? "waiting";
  let chosen = id?.startsWith(NEW) ? null : id;
  let shown = null;
  let closed = false;
  const body = h("tbody", {});
  const tabs = h("div", { class: "tabs", role: "tablist" }, Object.keys(GROUPS).map((name) => h("button", { role: "tab", "data-group": name, onclick: () => { group = name; sessionStorage.setItem("requests", name); draw(); } }, t(name))));
  const side = h("section", { class: "detail" });
  const add = may("ask_for_video") ? h("button", { class: "main", id: "new-request", onclick: () => begin() }, t("newRequest")) : null;
  replace(place, h("div", { class: "console wide" }, h("section", { class: "list" }, tabs, add ? h("div", { class: "tools" }, add) : null, h("table", { class: "requests" }, body)), side));
  const cameraName = (cameraId) => known.get(cameraId)?.name ?? cameraId;

  async function begin(cameraIds = [], incidentId = null) {
    try { await asking.open({ known, cameraIds, incidentId, operator, done: (made) => { group = "waiting"; location.hash = `#/requests/${made.request_id}`; } }); } catch (error) { notice(t("failed", { why: say(error) })); }
  }

  function row(item) {
    return h("tr", { class: item.request_id === chosen ? "chosen" : "", onclick: () => { location.hash = `#/requests/${item.request_id}`; } },
      h("td", {}, h("a", { href: `#/requests/${item.request_id}` }, t(`kind_${item.kind}`)), h("div", { class: "muted" }, item.kind === "agency" ? names.agency(item.agency_id) : item.asked_by_name)),
      h("td", {}, item.camera_ids.slice(0, 2).map(cameraName).join(", "), item.camera_ids.length > 2 ? ` +${item.camera_ids.length - 2}` : "", h("div", { class: "muted" }, `${words.moment(item.starts_at)}–${words.clock(item.ends_at)}`)),
      h("td", {}, h("span", { class: `request-state ${item.state}` }, t(`request_${item.state}`)), h("div", {}, GROUPS.finished.includes(item.state) ? "" : due(item.due_at, 3 * 24 * 3_600_000))));
  }

  function draw() {
    for (const tab of tabs.children) {
      const count = items.filter((item) => GROUPS[tab.dataset.group].includes(item.state)).length;
      tab.setAttribute("aria-selected", String(tab.dataset.group === group));
      tab.textContent = `${t(tab.dataset.group)} ${count || ""}`;
    }
    const shownItems = items.filter((item) => GROUPS[group].includes(item.state)).sort((a, b) => (a.due_at ?? "9") < (b.due_at ?? "9") ? -1 : 1);
    replace(body, shownItems.length ? shownItems.map(row) : h("tr", {}, h("td", { class: "empty" }, t("noRequests"))));
  }

  async function load() {
    try {
      items = await ask("GET", "/v1/requests");
      if (closed) return;
      const mine = items.find((item) => item.request_id === chosen);
      if (mine && !GROUPS[group].includes(mine.state)) group = Object.keys(GROUPS).find((name) => GROUPS[name].includes(mine.state)) ?? group;
      draw();
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  async function start() {
    try {
      const [found, lists] = await Promise.all([cameras(), directory.lists()]);
      known = found;
      names = directory.names(lists);
    } catch (error) { replace(side, h("p", { class: "empty" }, t("failedToLoad", { why: say(error) }))); return; }
    await load();
    if (closed) return;
    if (chosen) shown = one.open(side, chosen, { operator, names, cameraName, changed: load });
    else replace(side, h("p", { class: "empty" }, t("chooseRequest")));
    if (id?.startsWith(NEW) && may("ask_for_video")) { const [cameraId, incidentId] = id.slice(NEW.length).split(":"); begin([cameraId], incidentId ?? null); }
  }

  const timer = setInterval(() => { load(); shown?.reload(); }, POLL_MS);
  start();
  return { resync: load, close: () => { closed = true; clearInterval(timer); shown?.close(); } };
}
