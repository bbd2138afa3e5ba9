// Stills and clips: asked for before they are shown, so that a refusal is read and never a broken picture. Each is one look on record.

import { mediaAddress, open } from "./api.js";

/** Fetch a still; returns an <img> whose address ends with it. Throws a HubProblem where the hub refuses. */
export async function still(mediaId, why, alt) {
  const answer = await open(mediaAddress(mediaId, why));
  const image = document.createElement("img");
  const address = URL.createObjectURL(await answer.blob());
  image.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
  image.src = address;
  image.alt = alt;
  return image;
}

/** Return a <video> that plays a clip (for a `purpose` of the district's list where one is named), once the hub let its first byte through; further ranges are the same look. Throws a HubProblem. */
export async function clip(mediaId, why, properties = {}, purpose = "") {
  await open(mediaAddress(mediaId, why, purpose), { Range: "bytes=0-0" });
  const video = document.createElement("video");
  Object.assign(video, { src: mediaAddress(mediaId, why, purpose), controls: true, autoplay: true, playsInline: true, muted: true, ...properties });
  return video;
}
