// SPDX-License-Identifier: Apache-2.0
"use strict";
// While a desktop starts, ask how far it is; without this the page asks by itself.
(() => {
  const place = document.querySelector("[data-state-url]");
  if (!place) return;
  const ask = async () => {
    try {
      const answer = await fetch(place.dataset.stateUrl, { cache: "no-store" });
      const state = answer.ok ? (await answer.json()).state : "denied";
      if (state !== "starting") {
        location.reload();
        return;
      }
    } catch (error) { /* the gateway may be restarting: ask again */ }
    setTimeout(ask, 1000);
  };
  setTimeout(ask, 1000);
})();
