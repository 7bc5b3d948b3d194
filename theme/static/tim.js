// Tìm trong chỉ mục nhỏ ở tim/ (xem signage/office/pages/search.py): chỉ tải phần ứng với chữ đang gõ.
"use strict";
const SHOWN = 20, RANKED = 12, FEW = 5, SNIPPETS = 5, AROUND = 70;
const TITLE = 1, NUMBER = 2;
const box = document.getElementById("loc"), typed = document.getElementById("tu");
const list = document.getElementById("kq"), told = document.getElementById("dem");
const kept = new Map();

const get = (name) => {
  if (!kept.has(name)) kept.set(name, fetch("tim/" + name + ".json").then((r) => (r.ok ? r.json() : {}), () => ({})));
  return kept.get(name);
};
// Một chữ ra một chữ, để vị trí trong câu không đổi.
const bare = (c) => c.normalize("NFD")[0].replace("đ", "d");
const fold = (text) => Array.from(text.normalize("NFC").toLowerCase(), bare).join("");
const words = (text) => (text.normalize("NFC").toLowerCase().match(/\d+|\p{L}+/gu) || [])
  .map((w) => (/^\d/.test(w) ? w.replace(/^0+(?=\d)/, "") : w));
// Gõ Telex hay VNI mà bộ gõ đang tắt: "tieem chungr", "d9ie6n".
const untyped = (w) => fold(w).replace(/dd/g, "d").replace(/aa/g, "a").replace(/ee/g, "e").replace(/oo/g, "o")
  .replace(/([aou])w/g, "$1").replace(/^w/, "u").replace(/(?<=[aeiouy][a-z]*)[sfrxj]$/, "");
const numbersOut = (text) => text.replace(/(\p{L})(?:[0-9](?=\p{L})|[1-9]+(?=\s|$))/gu, "$1");
// Một tệp chỉ được hỏi khi danh mục nói là có.
const shard = async (tier, name) => (((await get("c"))[tier] || []).includes(name) ? get(tier + "/" + name) : {});
const key = (w) => (/^[\x00-\x7f]*$/.test(w.slice(0, 2)) ? w.slice(0, 2) : "__");

function places(deltas, step, add, into) {
  let place = 0;
  for (const d of deltas) {
    place += Math.floor(d / step);
    into.set(place, (into.get(place) || 0) | (step > 1 ? d % step : 0) | add);
  }
}

// Nơi một từ đứng: đúng dấu nếu người tìm gõ dấu và có từ ấy, nếu không thì mọi cách viết.
async function heads(word, open) {
  const folded = fold(word), index = await shard("a", key(folded)), found = new Map();
  const forms = index[folded] || {};
  if (folded !== word && forms[word]) places(forms[word], 8, 0, found);
  else for (const form in forms) places(forms[form], 8, 0, found);
  if (open && folded.length > 1 && !/^\d/.test(folded))
    for (const other in index) if (other !== folded && other.startsWith(folded))
      for (const form in index[other]) places(index[other][form], 8, 0, found);
  return found;
}
async function inBodies(word) {
  const folded = fold(word), found = new Map();
  places((await shard("b", key(folded)))[folded] || [], 1, 0, found);
  return found;
}
async function label(kind, value) {
  const found = new Map();
  if (value) places(((await shard("a", kind + "_"))[kind + "_" + value] || { "": [] })[""], 8, 0, found);
  return value ? found : null;
}

async function hits(query) {
  const list = words(query);
  let each = await Promise.all(list.map((w, i) => heads(w, i === list.length - 1)));
  each = await Promise.all(each.map(async (found, i) => {
    if (found.size) return found;
    const other = untyped(list[i]);
    return other !== fold(list[i]) ? heads(other, false) : found;
  }));
  return { list, each };
}

function scored(list, each, total) {
  const score = new Map();
  each.forEach((found, i) => {
    const rare = Math.log(1 + total / (found.size || 1));
    for (const [place, where] of found) {
      const s = score.get(place) || [0, 0];
      const weight = where & NUMBER ? 10 : where & TITLE ? 8 : where ? 3 : 1;
      score.set(place, [s[0] + 1, s[1] + rare * weight]);
    }
  });
  return score;
}

async function found(query, chosen) {
  const total = (await get("c")).n || 0;
  let { list, each } = await hits(query);
  if (!list.length) return [];
  const plain = numbersOut(query);
  if (each.some((m) => !m.size) && plain !== query) {
    const again = await hits(plain);
    if (again.each.every((m) => m.size)) ({ list, each } = again);
  }
  let score = scored(list, each, total);
  const whole = () => [...score.values()].filter((s) => s[0] === list.length).length;
  if (whole() < FEW) {
    const bodies = await Promise.all(list.map(inBodies));
    each = each.map((m, i) => { for (const place of bodies[i].keys()) if (!m.has(place)) m.set(place, 0); return m; });
    score = scored(list, each, total);
  }
  let places = [...score.keys()];
  for (const only of chosen) if (only) places = places.filter((p) => only.has(p));
  const most = Math.max(0, ...places.map((p) => score.get(p)[0]));
  places = places.filter((p) => score.get(p)[0] >= Math.max(1, most > 2 ? most - 1 : most));
  places.sort((a, b) => score.get(b)[0] - score.get(a)[0] || score.get(b)[1] - score.get(a)[1] || b - a);
  return nearer(places, query, list, score);
}

// Mấy dòng đầu xếp lại khi đã biết tiêu đề: đúng cả cụm từ, đúng số văn bản thì lên trước.
async function nearer(places, query, list, score) {
  const first = places.slice(0, RANKED), rows = await Promise.all(first.map(row));
  const phrase = fold(list.join(" ")), joined = list.map(fold).join("");
  const near = new Map(first.map((p, i) => {
    const [url, title, summary, number] = rows[i];
    const text = [title, url, summary].map((t) => words(t).map(fold).join(" ")).join(" | "), own = words(number).map(fold).join("");
    const same = list.filter((w) => w !== fold(w) && words(title).includes(w)).length;
    const pairs = list.slice(1).filter((w, n) => text.includes(fold(list[n]) + " " + fold(w))).length;
    return [p, (own && own === joined ? 100 : own && own.startsWith(joined) ? 50 : 0) + (text.includes(phrase) ? 20 : 0)
      + (text.startsWith(phrase) ? 5 : 0) + same + 4 * pairs + score.get(p)[0] * 30 + score.get(p)[1]];
  }));
  first.sort((a, b) => near.get(b) - near.get(a) || b - a);
  return [...first, ...places.slice(RANKED)];
}
async function row(place) {
  const per = (await get("c")).rows, found = await get("d/" + Math.floor(place / per));
  return found[place % per] || ["", "", "", "", "", "", ""];
}

// Tô từ tìm thấy; chữ được so không dấu, được viết đủ dấu.
function marked(text, list) {
  const folded = fold(text), made = document.createDocumentFragment(), spots = [];
  for (const [n, w] of list.map(fold).entries()) {
    const open = n === list.length - 1 && !/^\d/.test(w); // từ đang gõ dở
    const word = new RegExp("(?<![\\p{L}\\d])" + w + (open ? "" : "(?![\\p{L}\\d])"), "gu");
    for (const m of folded.matchAll(word)) spots.push([m.index, m.index + w.length]);
  }
  let at = 0;
  for (const [from, to] of spots.sort((a, b) => a[0] - b[0])) {
    if (from < at) continue;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(from, to);
    made.append(text.slice(at, from), mark);
    at = to;
  }
  made.append(text.slice(at));
  return made;
}
async function snippet(url, list) {
  const page = await fetch(url).then((r) => (r.ok ? r.text() : ""), () => "");
  const body = new DOMParser().parseFromString(page, "text/html").querySelector(".than");
  const text = body ? body.textContent.normalize("NFC").replace(/\s+/g, " ").trim() : "", folded = fold(text);
  const spots = list.flatMap((w, n) =>
    [...folded.matchAll(new RegExp("(?<![\\p{L}\\d])" + fold(w) + "(?![\\p{L}\\d])", "gu"))].map((m) => [m.index, n]));
  const near = ([at]) => new Set(spots.filter(([o]) => o >= at && o < at + AROUND).map(([, n]) => n)).size;
  const at = spots.sort((a, b) => near(b) - near(a) || a[0] - b[0])[0]?.[0]; // nơi nhiều từ đứng gần nhau nhất
  if (at === undefined) return "";
  const from = at > AROUND ? text.indexOf(" ", at - AROUND) + 1 : 0, to = text.indexOf(" ", at + AROUND * 2);
  return (from ? "… " : "") + text.slice(from, to < 0 ? undefined : to) + (to < 0 ? "" : " …");
}
const says = (text, list) => list.map(fold).every((w) => words(text).map(fold).some((o) => o.startsWith(w)));

async function entry(place, list, n, kinds) {
  const [url, title, summary, number, kind, day] = await row(place), li = document.createElement("li");
  const line = (name, ...parts) => { const p = document.createElement("p"); p.className = name; p.append(...parts); li.append(p); };
  line("nhan", [kinds[kind], number, day].filter(Boolean).join(" · "));
  const link = document.createElement("a");
  link.href = url;
  link.append(marked(title, list));
  line("tua", link);
  const head = title + " " + number + " " + (kinds[kind] || "");
  const text = n < SNIPPETS && !says(head + " " + summary, list) ? (await snippet(url, list)) || summary : summary;
  if (text) line("", marked(text, list));
  return li;
}

let turn = 0;
async function show() {
  const mine = ++turn, data = new FormData(box), query = data.get("q").trim();
  const chosen = await Promise.all(["k", "h", "y"].map((name) => label(name, data.get(name))));
  const card = await get("c"), list_ = words(query);
  const only = chosen.some(Boolean) && !list_.length;
  const places = only ? [...chosen.find(Boolean).keys()].filter((p) => chosen.every((c) => !c || c.has(p))).sort((a, b) => b - a)
    : await found(query, chosen);
  const made = await Promise.all(places.slice(0, SHOWN).map((p, n) => entry(p, list_, n, card.kinds || {})));
  if (mine !== turn) return;
  list.replaceChildren(...made);
  told.textContent = !list_.length && !only ? "" : places.length
    ? places.length + " kết quả" + (places.length > SHOWN ? ", xem " + SHOWN + " kết quả đầu" : "")
    : "Không có kết quả. Thử ít từ hơn, hoặc xem theo danh sách bên dưới.";
  list.dataset.query = query;
  const address = new URLSearchParams([...data].filter(([, v]) => v));
  history.replaceState(null, "", "?" + address);
}

(async () => {
  const asked = new URLSearchParams(location.search);
  for (const year of (await get("c")).years || []) box.elements.y.add(new Option(year, year));
  for (const name of ["q", "k", "h", "y"]) if (asked.get(name)) box.elements[name].value = asked.get(name);
  box.hidden = false;
  box.addEventListener("submit", (e) => e.preventDefault());
  let timer;
  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 120); });
  if ([...asked.values()].some(Boolean)) show();
})();
