// An open page fetches itself again when the hub says that something changed, and every minute; where there is no such
// word, every ten seconds. It says so when the hub is silent. The page is whole without this script.
"use strict";
const POLL_MS = 10000, CALM_MS = 60000, LOOK_MS = 1000, WAIT_MS = 8000, LONGEST_SILENCE_MS = 40000, TIMES = 20;
const live = document.getElementById("live"), pause = document.getElementById("pause");
let paused = false, heard = new Date(), last = Date.now(), took = 0, news = false, line = null, word = 0;

const clock = (time) => time.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const pushed = () => line && line.readyState === EventSource.OPEN && Date.now() - word < LONGEST_SILENCE_MS;
// Nobody's half-written words are taken away: a form that somebody is in, or an opened one, waits.
const busy = () => document.querySelector("main form:focus-within, main details.write[open]");

function say(text, stale) {
  if (live.textContent !== text) live.textContent = text;
  document.body.classList.toggle("stale", stale);
}

async function refresh() {
  if (paused || document.hidden || busy()) return;
  last = Date.now();
  news = false;
  try {
    const answer = await fetch(location.href, { cache: "no-store", headers: { "X-By-Itself": "1" }, signal: AbortSignal.timeout(WAIT_MS) });
    if (answer.status === 401) return location.reload(); // the log-in has ended
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const old = document.querySelector("main"), fresh = page.querySelector("main");
    if (busy()) return;
    const open = [...old.querySelectorAll("details[open][id]")].map((one) => one.id);
    const focus = old.contains(document.activeElement) && document.activeElement.id;
    old.replaceChildren(...document.adoptNode(fresh).childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    document.title = page.title;
    heard = new Date();
    took = Date.now() - last;
    say("Tự cập nhật", false);
  } catch {
    say("Không hỏi được máy chủ từ " + clock(heard) + "; trang này là lúc đó", true);
  }
}

function listen() {
  if (!("EventSource" in window)) return;
  line = new EventSource(document.body.dataset.live);
  line.onopen = () => { word = Date.now(); };
  line.addEventListener("beat", () => { word = Date.now(); });
  line.onmessage = (event) => {
    word = Date.now();
    const mine = document.querySelector("main [data-commune]")?.dataset.commune;
    const told = JSON.parse(event.data);
    if (!mine || told.includes("*") || told.includes(mine)) news = true;
  };
}

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Cập nhật tiếp" : "Tạm dừng cập nhật";
  say(paused ? "Đã dừng ở " + clock(heard) : "Tự cập nhật", paused);
  refresh();
});
say("Tự cập nhật", false);
listen();
setInterval(() => {
  const ago = Date.now() - last; // a hub that takes long is not asked all the time
  if ((news && ago >= TIMES * took) || ago >= (pushed() ? CALM_MS : POLL_MS)) refresh();
}, LOOK_MS);
document.addEventListener("visibilitychange", refresh);
