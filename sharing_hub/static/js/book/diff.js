// What differs between two versions of the book, entry by entry and in words that a second person can judge.

import { h } from "../dom.js";
import * as words from "../words.js";

const { t } = words;
/** The book's parts, and what names an entry of each. */
export const PARTS = {
  agencies: (one) => one.agency_id, purposes: (one) => one.code, legal_bases: (one) => one.code, matrix: (one) => `${words.kind(one.kind)} → ${one.agency_id}`, limits: null,
  own_use: (one) => `${one.category || "–"} ${one.purpose}`, camera_purposes: (one) => one, cameras: (one) => one.camera_id, names: null,
};
const MOST = 60;
const NAMES = ["name_ko", "name_en"];
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const text = (value) => (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length) ? t("empty") : typeof value === "boolean" ? t(value ? "yes" : "no") : Array.isArray(value) ? value.join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value));
const CODES = { when: "how_", media: "media_", mask_level: "mask_" };
const valueOf = (field, value) => (field in CODES && value ? t(CODES[field] + value) : text(value));

/** Return one part of a book as it is edited. */
export const partOf = (book, part) => (part === "names" ? Object.fromEntries(NAMES.map((name) => [name, book[name]])) : book[part]);

/** Return a book with one part replaced. */
export const withPart = (book, part, value) => (part === "names" ? { ...book, ...value } : { ...book, [part]: value });

function fields(before, after) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names.filter((name) => !same(before?.[name], after?.[name])).map((name) => [name, before?.[name], after?.[name]]);
}

function entries(part, before, after) {
  const name = PARTS[part];
  if (!name) return fields(before, after).map(([field, old, value]) => ({ part, key: part === "limits" ? t(`limit_${field}`) : field, kind: "changed", fields: [["", old, value]] }));
  const keyed = (list) => new Map((list ?? []).map((one) => [name(one), one]));
  const [old, now] = [keyed(before), keyed(after)];
  const found = [];
  for (const [key, one] of now) {
    if (!old.has(key)) found.push({ part, key, kind: "added", fields: typeof one === "object" ? Object.entries(one).map(([field, value]) => [field, undefined, value]) : [] });
    else if (!same(old.get(key), one)) found.push({ part, key, kind: "changed", fields: fields(old.get(key), one) });
  }
  for (const key of old.keys()) if (!now.has(key)) found.push({ part, key, kind: "removed", fields: [] });
  return found;
}

/** Return every difference: part, key, kind (added, removed, changed), and the fields with what was and what is. */
export const differences = (before, after) => Object.keys(PARTS).flatMap((part) => entries(part, partOf(before, part), partOf(after, part)));

function line(one) {
  const shown = one.kind === "added" ? one.fields.filter(([, , value]) => text(value) !== t("empty")) : one.fields;
  return h("li", { class: one.kind }, h("span", { class: "kind" }, t(`change_${one.kind}`)), " ", h("span", { class: "muted" }, t(`part_${one.part}`)), " ", h("strong", {}, one.key),
    shown.length ? h("ul", {}, shown.map(([field, before, after]) => h("li", {}, field ? h("span", { class: "muted" }, `${field}: `) : null, one.kind === "added" ? h("ins", {}, valueOf(field, after)) : [h("del", {}, valueOf(field, before)), " → ", h("ins", {}, valueOf(field, after))]))) : null);
}

/** Return differences as a list to read. */
export function shown(found) {
  if (!found.length) return h("p", { class: "muted" }, t("noChanges"));
  return h("div", { class: "diff" }, h("p", {}, t("changesIn", { n: found.length })), h("ul", {}, found.slice(0, MOST).map(line)), found.length > MOST ? h("p", { class: "muted" }, t("moreChanges", { n: found.length - MOST })) : null);
}
