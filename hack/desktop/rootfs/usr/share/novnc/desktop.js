// SPDX-License-Identifier: Apache-2.0
// Connects to the desktop at once, fills the window with it, and connects again
// whenever the connection ends. With ?view_only=true it only looks.
import RFB from "./core/rfb.js";

const query = new URLSearchParams(location.search);
const viewOnly = ["true", "1", "yes"].includes(query.get("view_only"));
const dutch = navigator.language.startsWith("nl");
const screen = document.getElementById("screen");
const status = document.getElementById("status");

const address = new URL("websockify", location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";

let rfb;
let pause = 0;
let timer;

function connect() {
  clearTimeout(timer);
  const now = new RFB(screen, address.href, { shared: true });
  rfb = now;
  now.viewOnly = viewOnly;
  now.scaleViewport = true;
  now.resizeSession = !viewOnly; // who looks along does not change the user's screen
  now.background = "#1b1f24";
  now.addEventListener("connect", () => {
    pause = 0;
    status.textContent = "";
    now.focus();
  });
  now.addEventListener("desktopname", (event) => { document.title = event.detail.name; });
  now.addEventListener("disconnect", () => {
    rfb = undefined;
    status.textContent = dutch ? "De verbinding is weg. Bezig met opnieuw verbinden…" : "The connection is lost. Connecting again…";
    pause = Math.min(Math.max(2 * pause, 500), 8000);
    timer = setTimeout(connect, pause);
  });
  // What is copied on the desktop can be pasted here, where the browser allows it.
  now.addEventListener("clipboard", (event) => {
    if (!viewOnly) navigator.clipboard?.writeText(event.detail.text).catch(() => {});
  });
}

// What was copied elsewhere can be pasted on the desktop.
let sent;
async function sendClipboard() {
  if (viewOnly || !navigator.clipboard?.readText) return;
  const text = await navigator.clipboard.readText().catch(() => "");
  if (!text || text === sent || !rfb) return;
  sent = text;
  rfb.clipboardPasteFrom(text);
}

addEventListener("focus", () => {
  rfb?.focus();
  sendClipboard();
});
addEventListener("online", () => { if (!rfb) connect(); });

connect();
