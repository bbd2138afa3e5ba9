// The shell: who is signed in, which view is shown, keys, and the live stream that every view listens to.

import * as alarms from "./alarms.js";
import * as access from "./access.js";
import * as shared from "./agency/view.js";
import * as agents from "./agents.js";
import { ask, keepToken, onSignedOut } from "./api.js";
import * as book from "./book/view.js";
import * as cameras from "./cameras.js";
import { h, replace } from "./dom.js";
import * as emergency from "./emergency/view.js";
import * as handover from "./handover.js";
import * as help from "./help.js";
import * as looks from "./looks.js";
import { notice } from "./notice.js";
import * as oversight from "./oversight/view.js";
import * as passkeys from "./passkeys.js";
import * as people from "./people/view.js";
import * as requests from "./requests/view.js";
import * as sign from "./sign.js";
import * as simulator from "./simulator.js";
import * as sound from "./sound.js";
import { follow } from "./stream.js";
import * as systems from "./systems/view.js";
import { say } from "./problem.js";
import * as words from "./words.js";

const { t } = words;
const VIEWS = { shared, alarms, cameras, requests, handover, emergency, oversight, looks, people, systems, book, simulator, agents };
/** Which word of the role opens a view; the first that is open is where somebody begins. */
const OPENED_BY = { shared: "see_shared", alarms: "see_rows", cameras: "see_rows", requests: "see_rows", handover: "see_rows", emergency: "see_rows", oversight: "read_registers", looks: "read_looks", people: "read_people", systems: "read_ledger", book: "see_rows", simulator: "read_ledger", agents: "administer" };
/** What operators need all day stands in the bar; the rest is behind one button. */
const IN_MENU = ["emergency", "oversight", "looks", "people", "systems", "book", "simulator", "agents"];
/** Views whose link says how many wait for this person. */
const COUNTED = { alarms: "new-count", requests: "request-count", emergency: "glass-count" };
const COUNT_EVERY_MS = 30_000;
const page = document.getElementById("page");
let operator = null;
let view = null;
let stop = null;
let counting = null;

const allowed = (name) => access.may(OPENED_BY[name]);

/** The view that somebody begins with; undefined where none is open to them. */
const home = () => Object.keys(VIEWS).find(allowed);

function route() {
  const [, name = "", id = null] = location.hash.split("/");
  const known = name in VIEWS && allowed(name);
  return { name: known ? name : home(), id: known && id ? decodeURIComponent(id) : null };
}

function shell() {
  const link = (name) => h("a", { href: `#/${name}`, "data-view": name }, t(name), name in COUNTED ? h("span", { class: "badge", id: COUNTED[name] }) : null);
  const opened = Object.keys(VIEWS).filter(allowed);
  const further = opened.filter((name) => IN_MENU.includes(name));
  const speaker = h("button", { class: "quiet", "aria-pressed": String(sound.enabled()), title: t("sound"), onclick: () => { sound.toggle(); draw(); } }, t(sound.enabled() ? "soundOn" : "soundOff"));
  const other = words.current() === "ko" ? "en" : "ko";
  replace(page,
    h("header", {},
      h("a", { class: "brand", href: `#/${home()}` }, h("img", { src: "/static/icon.svg", alt: "", width: 22, height: 22 }), t("title")),
      h("nav", {}, opened.filter((name) => !IN_MENU.includes(name)).map(link), further.length ? menu(t("furtherViews"), further.map(link)) : null),
      h("span", { id: "connection", class: "connection" }),
      h("span", { class: "space" }), speaker,
      h("button", { class: "quiet", onclick: () => { words.choose(other); draw(); } }, other === "ko" ? "한국어" : "English"),
      h("button", { class: "quiet", onclick: help.show, title: "?" }, t("help")),
      access.may("stand_shift") ? h("button", { class: operator.on_shift ? "quiet good" : "quiet warn", id: "shift", "aria-pressed": String(operator.on_shift), title: t(operator.on_shift ? "endShift" : "startShift"), onclick: changeShift }, t(operator.on_shift ? "onShift" : "offShift")) : null,
      h("button", { class: "quiet", onclick: () => sign.changePassword(operator, false) }, operator.name),
      h("button", { class: "quiet", id: "passkeys", onclick: () => passkeys.show(renewed) }, t("passkeys")),
      h("button", { class: "quiet", onclick: signOut }, t("signOut"))),
    h("p", { id: "peers", class: "peers", role: "status" }),
    h("main", { id: "view" }));
  document.title = t("title");
}

function menu(label, links) {
  const box = h("details", { class: "menu" }, h("summary", {}, label), h("div", { class: "menu-list" }, links));
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") { box.open = false; box.querySelector("summary").focus(); event.stopPropagation(); } });
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) box.open = false; });
  return box;
}

async function changeShift() {
  try { renewed(await ask("POST", "/v1/session/shift", { on: !operator.on_shift })); notice(t(operator.on_shift ? "onShift" : "offShift"), "good"); draw(); } catch (error) { notice(t("failed", { why: say(error) })); }
}

function draw() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close(); // it belongs to the view that goes
  view?.close();
  view = null;
  if (!home()) { noView(); return; }
  shell();
  const { name, id } = route();
  for (const a of page.querySelectorAll("nav a")) { if (a.dataset.view === name) a.setAttribute("aria-current", "page"); }
  page.querySelector(".menu")?.classList.toggle("here", IN_MENU.includes(name));
  view = VIEWS[name].open(document.getElementById("view"), id, operator);
  connected(follow.connected);
  countNew();
  countWaiting();
  countPeers();
}

/** Vendors, and roles that this page does not know: nothing here is theirs. */
function noView() {
  replace(page, h("div", { class: "middle" }, h("div", { class: "card" }, h("img", { src: "/static/icon.svg", alt: "", width: 48, height: 48 }), h("p", {}, t("controlRoomOnly")),
    h("button", { id: "passkeys", onclick: () => passkeys.show(renewed) }, t("passkeys")), h("button", { onclick: signOut }, t("signOut")))));
}

/** Take what a session says of its person, after a passkey was confirmed or a shift begun. */
function renewed(session) {
  operator = session.operator;
  access.keep(session.may);
}

function connected(is) {
  follow.connected = is;
  const place = document.getElementById("connection");
  if (!place) return;
  place.classList.toggle("lost", is === false);
  place.textContent = is === false ? t("disconnected") : is ? t("connected") : "";
}

async function countNew() {
  if (!operator || !access.may("see_rows")) return;
  const place = document.getElementById("new-count");
  if (!place) return;
  try {
    const { items } = await ask("GET", "/v1/incidents?state=open&limit=100");
    const fresh = items.filter((one) => one.state === "new").length;
    place.textContent = fresh ? (fresh > 99 ? "99+" : fresh) : "";
    document.title = (fresh ? `(${fresh}) ` : "") + t("title");
  } catch { place.textContent = ""; }
}

/** Count what waits for a decision of this person: it comes by no stream, so it is asked for now and then. */
async function countWaiting() {
  if (!operator || !access.may("approve")) return;
  const show = (id, n) => { const place = document.getElementById(id); if (place) place.textContent = n || ""; };
  try {
    const [asked, glass] = await Promise.all([ask("GET", "/v1/requests"), ask("GET", "/v1/emergency-looks")]);
    show("request-count", asked.filter((one) => one.state === "requested" && one.asked_by_name !== operator.name).length);
    show("glass-count", glass.filter((one) => one.verdict === null && one.person_name !== operator.name).length);
  } catch { show("request-count", 0); }
}

/** Say which other hubs do not answer, since when, and how many messages wait for each. */
async function countPeers() {
  const place = document.getElementById("peers");
  if (!operator || !place || !access.may("see_rows")) return;
  try {
    const away = (await ask("GET", "/v1/peers")).filter((one) => one.fault);
    replace(place, away.map((one) => h("span", { title: one.fault }, "✕ ", t("peerCut", { agency: one.name.split(" · ")[words.current() === "ko" ? 0 : 1] ?? one.name, at: words.clock(one.since), n: one.waiting }))));
  } catch { replace(place); }
}

const known = new Map();

function incident(value) {
  const before = known.get(value.incident_id);
  const quiet = value.digest || value.shelved_until;
  if (value.state === "new" && !quiet && (before === undefined || value.escalation_level > before)) {
    sound.ring(value.severity);
    if (route().name !== "alarms") notice(h("a", { href: `#/alarms/${value.incident_id}` }, alarms.severity(value.severity), ` ${words.kind(value.kind)} · ${alarms.placeOf(value)}`));
  }
  known.set(value.incident_id, value.escalation_level);
  if (known.size > 2000) known.delete(known.keys().next().value);
  view?.incident?.(value);
  countNew();
}

function start(session) {
  keepToken(session.csrf);
  renewed(session);
  if (operator.must_change_password) {
    sign.changePassword(operator, true, page, (next) => start(next));
    return;
  }
  window.addEventListener("hashchange", draw);
  window.addEventListener("keydown", key);
  draw();
  if (!allowed("alarms")) return; // an agency's people are told by no stream
  counting = setInterval(() => { countWaiting(); countPeers(); }, COUNT_EVERY_MS);
  stop = follow({ state: connected, incident, camera: (value) => view?.camera?.(value), media: (value) => view?.media?.(value), resync: () => { view?.resync?.(); countNew(); } });
}

function end() {
  stop?.();
  stop = null;
  clearInterval(counting);
  view?.close();
  view = null;
  window.removeEventListener("hashchange", draw);
  window.removeEventListener("keydown", key);
  sign.show(page, start);
}

async function signOut() {
  try { await ask("DELETE", "/v1/session"); } catch (error) { notice(t("failed", { why: say(error) })); }
  end();
}

// Keys are bound by place (event.code), and never while an IME composes: otherwise they die in Korean mode.
function key(event) {
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, dialog")) return;
  if (event.code === "Slash" && event.shiftKey) { help.show(); event.preventDefault(); return; }
  if (view?.key?.(event.code)) event.preventDefault();
}

words.choose(words.current());
window.addEventListener("session", (event) => renewed(event.detail));
onSignedOut(end);
if (sign.invitation()) sign.accept(page, sign.invitation(), start);
else ask("GET", "/v1/session").then(start, () => sign.show(page, start));
