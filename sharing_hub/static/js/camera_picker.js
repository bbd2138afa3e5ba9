// Choosing cameras by name among thousands: typed, completed by the browser, and kept as removable chips.

import { ask } from "./api.js";
import { h, replace } from "./dom.js";
import { t } from "./words.js";

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

  function add() {
    const one = find(input.value);
    input.setCustomValidity(one || !input.value ? "" : t("noSuchCamera"));
    if (!one || picked.size >= most) return;
    picked.add(one.camera_id);
    input.value = "";
    draw();
    changed();
  }

  function draw() {
    replace(chips, [...picked].map((id) => h("span", { class: "tagged" }, known.get(id).name, h("button", { type: "button", class: "quiet", "aria-label": `${t("remove")} ${known.get(id).name}`, onclick: () => { picked.delete(id); draw(); changed(); } }, "✕"))));
    input.required = picked.size === 0;
  }

  draw();
  return { place: h("div", { class: "picker" }, chips, input, h("datalist", { id: listId }, [...known.values()].map((one) => h("option", { value: label(one) })))), ids: () => [...picked] };
}
