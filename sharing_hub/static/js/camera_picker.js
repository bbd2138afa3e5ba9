// Choosing cameras among thousands: by name, completed by the browser, or by a place, which shows those around it; kept as removable chips.

import { ask } from "./api.js";
import { h, replace } from "./dom.js";
import { say } from "./problem.js";
import { t } from "./words.js";

const PLACE = /^\s*(\d{2}\.\d+)\s*[,\s]\s*(\d{3}\.\d+)\s*$/;
let serial = 0;

/** Return every camera by id. */
export async function cameras() {
  const { items } = await ask("GET", "/v1/cameras");
  return new Map(items.map((one) => [one.camera_id, one]));
}

/** Make a picker of at most `most` cameras among `known` (a map by id); `changed` follows each change. */
export function picker(known, chosen = [], most = 20, changed = () => {}) {
  const picked = new Set(chosen.filter((id) => known.has(id)));
  const listId = `cameras-${serial += 1}`;
  const chips = h("span", { class: "chips" });
  const label = (one) => `${one.name} (${one.camera_id})`;
  const find = (text) => [...known.values()].find((one) => [one.camera_id, one.name, label(one)].includes(text.trim()));
  const input = h("input", { list: listId, "aria-label": t("addCamera"), placeholder: t("addCamera"), autocomplete: "off", onchange: add, onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); add(); } } });

  const around = h("div", { class: "around", role: "status" });

  /** Show the cameras around a place, those that look at it first; one click takes one. */
  async function showAround([, latitude, longitude]) {
    try {
      const found = (await ask("GET", `/v1/cameras/near?latitude=${latitude}&longitude=${longitude}`)).filter((one) => known.has(one.camera_id));
      replace(around, found.length ? found.map((one) => h("button", { type: "button", class: "chip", "data-camera": one.camera_id, onclick: () => take(one.camera_id) }, `${one.sees ? "◉ " : ""}${one.name} ${Math.round(one.distance_m)} m`)) : h("span", { class: "muted" }, t("noneAround")));
    } catch (error) { replace(around, h("span", { class: "wrong" }, say(error))); }
  }

  function take(id) {
    if (picked.size >= most) return;
    picked.add(id);
    draw();
    changed();
  }

  function add() {
    const place = PLACE.exec(input.value);
    if (place) { input.setCustomValidity(""); showAround(place); return; }
    const one = find(input.value);
    input.setCustomValidity(one || !input.value ? "" : t("noSuchCamera"));
    if (!one) return;
    input.value = "";
    take(one.camera_id);
  }

  function draw() {
    replace(chips, [...picked].map((id) => h("span", { class: "tagged" }, known.get(id).name, h("button", { type: "button", class: "quiet", "aria-label": `${t("remove")} ${known.get(id).name}`, onclick: () => { picked.delete(id); draw(); changed(); } }, "✕"))));
    input.required = picked.size === 0;
  }

  draw();
  return { place: h("div", { class: "picker" }, chips, input, around, h("datalist", { id: listId }, [...known.values()].map((one) => h("option", { value: label(one) })))), ids: () => [...picked] };
}
