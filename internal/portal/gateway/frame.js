// SPDX-License-Identifier: Apache-2.0
"use strict";
// The gateway says at once when access ends, when the desktop restarts, and who
// is watching; the page itself knows none of it.
(() => {
  const bar = document.getElementById("bar");
  const words = document.getElementById("words");
  const frame = document.getElementById("desktop");
  const support = bar.classList.contains("support");
  frame.addEventListener("load", () => frame.focus());
  const events = new EventSource("/.werkplek/events");
  events.onmessage = (event) => {
    const view = JSON.parse(event.data);
    if (view.state !== "open") {
      events.close();
      location.reload();
      return;
    }
    if (support) return;
    const watching = view.watchers.map((w) => w.agent).join(", ");
    const asking = view.asking.map((a) => a.agent).join(", ");
    bar.hidden = !watching && !asking;
    words.textContent = asking ? bar.dataset.asked.replace("%s", asking) : bar.dataset.watched.replace("%s", watching);
  };
  // A stream that the gateway refuses ends for good: then the page is told why.
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000);
  };
})();
