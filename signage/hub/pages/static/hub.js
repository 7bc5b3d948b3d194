// Fetch the page again every ten seconds and put the new <main> in place; say so when the hub is silent.
// The page is whole without this script.
"use strict";
const EVERY_MS = 10000, WAIT_MS = 8000;
const live = document.getElementById("live"), pause = document.getElementById("pause");
let paused = false, heard = new Date();

const clock = (time) => time.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function say(text, stale) {
  if (live.textContent !== text) live.textContent = text;
  document.body.classList.toggle("stale", stale);
}

async function refresh() {
  if (paused || document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(WAIT_MS) });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const old = document.querySelector("main"), fresh = page.querySelector("main");
    const focus = old.contains(document.activeElement) && document.activeElement.id;
    old.replaceChildren(...document.adoptNode(fresh).childNodes);
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    document.title = page.title;
    heard = new Date();
    say("Tự cập nhật", false);
  } catch {
    say("Không hỏi được máy chủ từ " + clock(heard) + "; trang này là lúc đó", true);
  }
}

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Cập nhật tiếp" : "Tạm dừng cập nhật";
  say(paused ? "Đã dừng ở " + clock(heard) : "Tự cập nhật", paused);
  refresh();
});
say("Tự cập nhật", false);
setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
