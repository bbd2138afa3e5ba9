// Stills and clips: asked for before they are shown, so that a refusal is read and never a broken picture. Each is one look on record.

import { mediaAddress, open } from "./api.js";

/** Fetch a still; returns an <img> whose address ends with it. Throws a HubProblem where the hub refuses. */
export const still = (mediaId, why, alt) => stillAt(mediaAddress(mediaId, why), alt);

/** The same by its address, which may be another hub's picture passed on. */
export async function stillAt(address, alt) {
  const answer = await open(address);
  const image = document.createElement("img");
  const kept = URL.createObjectURL(await answer.blob());
  image.addEventListener("load", () => URL.revokeObjectURL(kept), { once: true });
  image.src = kept;
  image.alt = alt;
  return image;
}

/** Return a <video> that plays a clip (for a `purpose` of the district's list where one is named), once the hub let its first byte through; further ranges are the same look. Throws a HubProblem. */
export const clip = (mediaId, why, properties = {}, purpose = "") => clipAt(mediaAddress(mediaId, why, purpose), properties);

/** The same by its address. */
export async function clipAt(address, properties) {
  await open(address, { Range: "bytes=0-0" });
  const video = document.createElement("video");
  Object.assign(video, { src: address, controls: true, autoplay: true, playsInline: true, muted: true, ...properties });
  return video;
}
